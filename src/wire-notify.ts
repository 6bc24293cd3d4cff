import { join } from 'node:path'
import type { Configuration } from './domain/configuration.ts'
import type { ContactsConfiguration } from './domain/contacts/contacts.ts'
import { nextPage } from './domain/contacts/escalation.ts'
import { planReview } from './domain/incident/plan-review.ts'
import type { PagedPerson } from './domain/notify/message.ts'
import { findOnCall } from './incident/find-on-call.ts'
import { createSinks } from './notify/create-sinks.ts'
import { readTemplates } from './notify/read-templates.ts'
import { Outbox } from './outbox/pump-outbox.ts'
import type { Clock } from './ports/clock.ts'
import type { CommandRunner } from './ports/command-runner.ts'
import type { Journal, Leases } from './ports/journal.ts'
import type { NotifyPorts } from './ports/notify.ts'
import { publishStatusPage } from './status-page/file-status-page.ts'

export interface NotifyParts {
  configuration: Configuration
  journal: Journal & Leases
  clock: Clock
  actor: string
  /** Where the reports are; each incident has a folder of its own there. */
  incidentsFolder: string
  crash(point: string): void
  runner: CommandRunner
  env: Readonly<Record<string, string | undefined>>
  /** False: nothing was shown. */
  say(lines: string[]): boolean
}

/** The part of the composition root that tells others: loaded only where somebody is to be told. */
export function wireNotify(parts: NotifyParts): NotifyPorts {
  const { configuration, clock, runner, env, say, actor, incidentsFolder } = parts
  const { notify, statusPage, contacts, incident: settings } = configuration
  const host = actor.split('@').at(-1)
  const sinks = createSinks(notify, say)
  return {
    sinks: async () => sinks,
    templates: () => readTemplates(notify.templates),
    person: (id) => reachOf(contacts, id),
    async nextPage(incident) {
      // Whoever is on call is only asked for when somebody is to be paged.
      const due = nextPage(incident, contacts, 'on-call')
      if (due === null || due.at > clock.now()) return due
      const { duty } = await findOnCall(contacts, clock.now(), runner, env)
      return nextPage(incident, contacts, duty?.person ?? null)
    },
    review: (incident) =>
      planReview(incident, { contacts, rule: settings.review, at: null, now: clock.now() }),
    async invite(incident) {
      const { renderInvite } = await import('./render/invite.ts')
      const report = `${host}:${join(incidentsFolder, incident.id, 'report.html')}`
      return renderInvite(incident, { ...settings.review, report })
    },
    publish: async (page) => (statusPage === null ? false : publishStatusPage(statusPage.folder, page)),
  }
}

export function createOutbox(parts: NotifyParts, ports: NotifyPorts): Outbox {
  const { configuration, journal, clock, actor, crash } = parts
  const { service, notify, statusPage } = configuration
  return new Outbox({ ...ports, service, notify, statusPage, journal, clock, actor, crash })
}

function reachOf({ people }: ContactsConfiguration, id: string): PagedPerson {
  const person = Object.hasOwn(people, id) ? people[id] : undefined
  return { name: person?.name ?? id, email: person?.email ?? null, slack: person?.slack ?? null }
}
