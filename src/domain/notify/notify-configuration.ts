import type { Reader } from './message.ts'

/** `notify:` in lastgood.yaml, checked, with every default filled in. Times in ms. */
export interface NotifyConfiguration {
  /** Folder with the team's own templates, relative to the repository; null: the built-in ones. */
  templates: string | null
  /** Somebody is told within this time of the first finding; after that the next word is promised for every ... */
  firstWithinMs: number
  updateEveryMs: number
  /** Where more is to be read; null: nowhere. */
  link: string | null
  sinks: SinkSettings[]
}

export type SinkSettings =
  | ConsoleSettings
  | FileSettings
  | SlackWebhookSettings
  | SlackCardSettings
  | EmailSettings
  | PagerDutySettings
  | StatuspageSettings
  | WebhookSettings
  | GitHubSettings

export type SinkKind = SinkSettings['kind']

interface AnySettings {
  /** Its key in the file: what the journal knows it by. */
  name: string
  reader: Reader
}

export interface ConsoleSettings extends AnySettings {
  kind: 'console'
}

export interface FileSettings extends AnySettings {
  kind: 'file'
  path: string
}

export interface SlackWebhookSettings extends AnySettings {
  kind: 'slack-webhook'
  /** A secret: whoever knows it can post. */
  webhook: string
}

export interface SlackCardSettings extends AnySettings {
  kind: 'slack-bot'
  token: string
  channel: string
  api: string
}

export interface EmailSettings extends AnySettings {
  kind: 'email'
  /** `smtps://user:password@host:465` */
  smtp: string
  from: string
  to: string[]
}

export interface PagerDutySettings extends AnySettings {
  kind: 'pagerduty'
  routingKey: string
  api: string
}

export interface StatuspageSettings extends AnySettings {
  kind: 'statuspage'
  page: string
  token: string
  /** Name on our own status page -> id there. */
  components: Record<string, string>
  /** They are mailed. */
  notifySubscribers: boolean
  api: string
}

export interface WebhookSettings extends AnySettings {
  kind: 'webhook'
  /** A secret: many of them carry their key. */
  url: string
  /** `whsec_` and base64; null: unsigned. */
  secret: string | null
}

export interface GitHubSettings extends AnySettings {
  kind: 'github'
  repository: string
  token: string
  label: string
  api: string
}

/** A drill has these, and no other: what it says ends on this machine. */
export const INSIDE: ReadonlySet<SinkKind> = new Set(['console', 'file'])

/** Customers read it. */
export const PUBLIC: ReadonlySet<SinkKind> = new Set(['statuspage'])

/** Values that no output may show. */
export function secretsOfSinks(sinks: readonly SinkSettings[]): string[] {
  return sinks.flatMap(secretsOf)
}

function secretsOf(sink: SinkSettings): string[] {
  switch (sink.kind) {
    case 'slack-webhook':
      return [sink.webhook]
    case 'slack-bot':
    case 'statuspage':
    case 'github':
      return [sink.token]
    case 'email':
      return [sink.smtp, ...passwordsIn(sink.smtp)]
    case 'pagerduty':
      return [sink.routingKey]
    case 'webhook':
      return [sink.url, ...(sink.secret === null ? [] : [sink.secret, sink.secret.replace(/^whsec_/, '')])]
    case 'console':
    case 'file':
      return []
  }
}

function passwordsIn(url: string): string[] {
  const password = /^smtps?:\/\/[^/\s:@]*:([^/\s@]+)@/i.exec(url)?.[1]
  if (password === undefined) return []
  try {
    return [password, decodeURIComponent(password)]
  } catch {
    return [password]
  }
}

/** What is configured where nothing is: nobody is told, and nobody waits. */
export const NO_NOTIFY: NotifyConfiguration = {
  templates: null,
  firstWithinMs: 5 * 60_000,
  updateEveryMs: 20 * 60_000,
  link: null,
  sinks: [],
}
