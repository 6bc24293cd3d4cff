import { type Incident, isActive } from '../incident/incident.ts'
import { severityName } from '../incident/severity.ts'
import type { Severity } from '../incident/words.ts'
import type { ContactsConfiguration } from './contacts.ts'

export interface PageDue {
  /** Short name in the contacts. */
  person: string
  rung: number
  round: number
  /** Epoch ms; in the past: now. */
  at: number
  reason: string
}

/** The least severe that somebody is woken for; below it, it can wait for the morning. */
const LEAST_SEVERE: Severity = 3

/**
 * Whom to page next, and when. Each rung has `climbAfterMs` to answer; a refusal climbs at once, and so does a rung that is
 * nobody. After the top it begins again below, `rounds` times. Null: nobody is to be paged: somebody has it, it is over, it
 * can wait, or all have been asked.
 */
export function nextPage(
  incident: Incident,
  contacts: ContactsConfiguration,
  onCall: string | null,
): PageDue | null {
  if (!isActive(incident) || incident.times.acknowledged !== null) return null
  if (incident.severity > LEAST_SEVERE) return null
  const ladder = contacts.ladder.map((rung) => whoIs(rung, contacts, onCall))
  const places = Array.from({ length: contacts.rounds }, (_, round) =>
    ladder.map((person, rung) => ({ person, rung, round })),
  ).flat()
  const last = incident.pages.at(-1)
  const asked =
    last === undefined
      ? -1
      : places.findIndex(({ rung, round }) => rung === last.rung && round === last.round)
  // A person who has said no is not asked twice in one round, nor is one who stands on two rungs.
  const next = places
    .slice(asked + 1)
    .find((place) => place.person !== null && !wasAsked(incident, place.person, place.round))
  if (next?.person === undefined || next.person === null) return null
  return { person: next.person, rung: next.rung, round: next.round, ...when(incident, contacts) }
}

/** The person a rung stands for now; null: nobody. */
export function whoIs(rung: string, contacts: ContactsConfiguration, onCall: string | null): string | null {
  if (rung === 'on-call') return onCall
  const person = contacts.roles[rung] ?? rung
  return Object.hasOwn(contacts.people, person) ? person : null
}

function wasAsked({ pages }: Incident, person: string, round: number): boolean {
  return pages.some((page) => page.person === person && page.round === round)
}

function when(incident: Incident, { climbAfterMs }: ContactsConfiguration): { at: number; reason: string } {
  const what = `${severityName(incident.severity)} ${incident.id}: ${incident.title}`
  const last = incident.pages.at(-1)
  if (last === undefined) return { at: Date.parse(incident.times.detected), reason: what }
  if (last.answer?.declined === true)
    return { at: Date.parse(last.answer.at), reason: `${what} (${last.person} cannot)` }
  return { at: Date.parse(last.at) + climbAfterMs, reason: `${what} (${last.person} has not answered)` }
}
