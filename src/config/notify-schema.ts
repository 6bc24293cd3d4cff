import * as z from 'zod'
import { READERS } from '../domain/notify/message.ts'
import type { NotifyConfiguration, SinkSettings } from '../domain/notify/notify-configuration.ts'
import type { StatusPageConfiguration } from '../domain/notify/status-page-configuration.ts'
import { TRIGGERS } from '../domain/trigger.ts'
import { duration, expecting, flag, mapOf, pathInside, textOf } from './scalar-schemas.ts'

const reader = z
  .enum(READERS, { error: `must be one of: ${READERS.join(', ')}` })
  .default('responders')
  .describe('Who reads it: responders, executives or customers. Each has words of its own.')

const webUrl = (example: string) =>
  z
    .string({ error: expecting(`a URL such as ${example}`) })
    .refine(isWebUrl, { error: `must be a URL such as ${example}` })
    .meta({ pattern: '^https?://' })

const api = (url: string) => webUrl(url).default(url).describe('Another address of the same interface.')

const secret = (what: string) =>
  z.string({ error: expecting(what) }).regex(/^[\x21-\x7e]+$/, { error: `must be ${what}` })

const A_MAILBOX = 'an address such as ops@example.org or "Ops <ops@example.org>"'
const mailbox = textOf(A_MAILBOX, /^(?:[^<>@\n,;]+ <[^\s<>@,;]+@[^\s<>@,;]+>|[^\s<>@,;]+@[^\s<>@,;]+)$/)

const AN_SMTP_URL = `a URL such as smtps://user:\${SMTP_PASSWORD}@mail.example.org`

const kinds = [
  mapOf('a map', { kind: z.literal('console').describe('On the screen of whoever runs a command.'), reader }),
  mapOf('a map with a path', {
    kind: z.literal('file').describe('One JSON line for each message.'),
    reader,
    path: z
      .string({ error: expecting('a file') })
      .min(1, 'must be a file')
      .describe('File that gets one JSON line for each message, relative to this file.'),
  }),
  mapOf('a map with a webhook', {
    kind: z.literal('slack-webhook').describe('Each message anew, through an incoming webhook.'),
    reader,
    webhook: webUrl('https://hooks.slack.com/services/...').describe('Incoming webhook; a secret.'),
  }),
  mapOf('a map with a token and a channel', {
    kind: z
      .literal('slack-bot')
      .describe('One message for each incident that changes, with its history in the thread.'),
    reader,
    token: secret('a bot token').describe(
      'Bot token with chat:write, and channels:history to find its card again.',
    ),
    channel: textOf('the id of a channel such as C0123456789', /^[CGD][A-Z0-9]{5,}$/).describe(
      'Id of the channel: its details show it.',
    ),
    api: api('https://slack.com/api'),
  }),
  mapOf('a map with smtp, from and to', {
    kind: z.literal('email').describe('By SMTP.'),
    reader,
    smtp: z
      .string({ error: expecting(AN_SMTP_URL) })
      .refine(isSmtpUrl, { error: `must be ${AN_SMTP_URL}` })
      .meta({ pattern: '^smtps?://' })
      .describe('Server that takes the mail: smtps:// from the start, smtp:// with STARTTLS.'),
    from: mailbox.describe('Who it is from.'),
    to: z
      .array(mailbox, { error: expecting('a list of addresses') })
      .min(1, 'needs at least one address')
      .describe('Whom it is for. A page goes to the paged person alone.'),
  }),
  mapOf('a map with a routingKey', {
    kind: z
      .literal('pagerduty')
      .describe('An alert for each incident, a change event for each deploy and rollback.'),
    reader,
    routingKey: textOf('the 32 characters of an integration key', /^[A-Za-z0-9]{32}$/).describe(
      'Integration key of Events API v2; a secret.',
    ),
    api: api('https://events.pagerduty.com'),
  }),
  mapOf('a map with a page and a token', {
    kind: z
      .literal('statuspage')
      .describe('An incident on a page of Atlassian Statuspage. Customers read it.'),
    page: textOf('the id of a page', /^[A-Za-z0-9_-]+$/).describe('Id of the page.'),
    token: secret('an API key').describe('API key.'),
    components: z
      .record(z.string(), textOf('the id of a component', /^[A-Za-z0-9_-]+$/), {
        error: expecting('a map of names to ids of components'),
      })
      .prefault({})
      .describe('Components there, by their names in statusPage.components.'),
    notifySubscribers: flag().default(true).describe('Whether a new incident is mailed to its subscribers.'),
    api: api('https://api.statuspage.io'),
  }),
  mapOf('a map with a url', {
    kind: z.literal('webhook').describe('CloudEvents, signed.'),
    reader,
    url: webUrl('https://example.org/hook').describe('Where each message is posted as a CloudEvent.'),
    secret: textOf('whsec_ and the key in base64', /^whsec_[A-Za-z0-9+/]{16,}={0,2}$/)
      .nullable()
      .default(null)
      .describe('Key of the signature (Standard Webhooks). null: it is not signed.'),
  }),
  mapOf('a map with a repository and a token', {
    kind: z.literal('github').describe('An issue for each incident, closed with it.'),
    reader,
    repository: textOf('owner/name', /^[\w.-]+\/[\w.-]+$/).describe('Repository of the issues: owner/name'),
    token: secret('a token').describe('Token that may write issues.'),
    label: textOf('a label', /^[^\n,]{1,50}$/)
      .default('incident')
      .describe('Label that the issues get, and are found by.'),
    api: api('https://api.github.com'),
  }),
] as const

const KINDS = 'console, file, slack-webhook, slack-bot, email, pagerduty, statuspage, webhook, github'

const sinkSchema = z.discriminatedUnion('kind', kinds, {
  error: (issue) =>
    issue.code === 'invalid_union'
      ? `is no known kind of sink; one of: ${KINDS}`
      : expecting('a map with a kind')(issue),
})

export const notifySchema = mapOf('a map with sinks', {
  templates: pathInside('a folder')
    .nullable()
    .default(null)
    .describe('Folder with your own templates, in the repository. null: the built-in ones.'),
  firstWithin: duration(1_000).prefault('5m').describe('Somebody has been told within this time.'),
  updateEvery: duration(1_000)
    .prefault('20m')
    .describe('Until when the next update is promised. One that does not come is recorded, and chased.'),
  link: webUrl('https://ops.example.org')
    .nullable()
    .default(null)
    .describe('Where responders read more; it is put into messages.'),
  sinks: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, { error: 'is not a name of a-z, 0-9 and "-"' }),
      sinkSchema,
      { error: expecting('a map of names to sinks') },
    )
    .prefault({})
    .describe('Where messages go, each under a name of its own.'),
})

export const statusPageSchema = mapOf('a map with a folder', {
  folder: z
    .string({ error: expecting('a folder') })
    .min(1, 'must be a folder')
    .describe('Folder that the page is written to, relative to this file. A web server serves it.'),
  title: textOf('a title on one line', /^\S[^\n]{0,79}$/).describe('What your customers call the service.'),
  url: webUrl('https://status.example.org')
    .nullable()
    .default(null)
    .describe('Where the page is served; messages to customers name it, and feeds need it.'),
  components: z
    .array(
      mapOf('a map with a name', {
        name: textOf('a name on one line', /^\S[^\n]{0,79}$/).describe('As customers know it: Checkout'),
        description: textOf('a sentence on one line', /^\S[^\n]{0,199}$/)
          .nullable()
          .default(null)
          .describe('What it is for.'),
        affectedBy: z
          .array(textOf('a trigger or a name', /^\S[^\n]*$/), { error: expecting('a list of names') })
          .prefault([])
          .describe(
            `Triggers (${TRIGGERS.join(', ')}), flows, invariants or alerts that concern it. An incident with none of them concerns every component.`,
          ),
      }),
      { error: expecting('a list of components') },
    )
    .prefault([])
    .describe('What the service is made of, for customers. Default: the service as one.'),
})

export function notifyOf({
  firstWithin,
  updateEvery,
  sinks,
  ...rest
}: z.output<typeof notifySchema>): NotifyConfiguration {
  return {
    ...rest,
    firstWithinMs: firstWithin,
    updateEveryMs: updateEvery,
    sinks: Object.entries(sinks).map(
      ([name, settings]): SinkSettings =>
        settings.kind === 'statuspage' ? { ...settings, name, reader: 'customers' } : { ...settings, name },
    ),
  }
}

export function statusPageOf(file: z.output<typeof statusPageSchema>): StatusPageConfiguration {
  const { components, title } = file
  const whole = { name: title, description: null, affectedBy: [] }
  return { ...file, components: components.length === 0 ? [whole] : components }
}

function isWebUrl(text: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text)) return false
  const { protocol, username, password } = new URL(text)
  return /^https?:$/.test(protocol) && username === '' && password === ''
}

function isSmtpUrl(text: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text)) return false
  const { protocol, hostname } = new URL(text)
  return /^smtps?:$/.test(protocol) && hostname !== ''
}
