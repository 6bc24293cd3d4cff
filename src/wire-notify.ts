import type { Configuration } from './domain/configuration.ts'
import { createSinks } from './notify/create-sinks.ts'
import { readTemplates } from './notify/read-templates.ts'
import { Outbox } from './outbox/pump-outbox.ts'
import type { Clock } from './ports/clock.ts'
import type { Journal, Leases } from './ports/journal.ts'
import type { NotifyPorts } from './ports/notify.ts'
import { publishStatusPage } from './status-page/file-status-page.ts'

export interface NotifyParts {
  configuration: Configuration
  journal: Journal & Leases
  clock: Clock
  actor: string
  /** False: nothing was shown. */
  say(lines: string[]): boolean
}

/** The part of the composition root that tells others: loaded only where somebody is to be told. */
export function wireNotify({ configuration, say }: NotifyParts): NotifyPorts {
  const { notify, statusPage } = configuration
  const sinks = createSinks(notify, say)
  return {
    sinks: async () => sinks,
    templates: () => readTemplates(notify.templates),
    person: (name) => ({ name, email: null, slack: null }),
    nextPage: async () => null,
    publish: async (page) => (statusPage === null ? false : publishStatusPage(statusPage.folder, page)),
  }
}

export function createOutbox(parts: NotifyParts, ports: NotifyPorts): Outbox {
  const { configuration, journal, clock, actor } = parts
  const { service, notify, statusPage } = configuration
  return new Outbox({ ...ports, service, notify, statusPage, journal, clock, actor })
}
