import { join } from 'node:path'
import { findPerson } from '../domain/contacts/contacts.ts'
import type { EventData, NewEvent } from '../domain/event.ts'
import { type CheckedItem, checklistOf } from '../domain/incident/checklist.ts'
import { currentIncident, type Incident } from '../domain/incident/incident.ts'
import type { IncidentEventData } from '../domain/incident/incident-events.ts'
import { findIncident, type IncidentLog } from '../domain/incident/incident-log.ts'
import type { IncidentId } from '../domain/incident/words.ts'
import { parseMoment } from '../domain/moment.ts'
import { OperatorError } from '../errors/operator-error.ts'
import type { CommandInput, Session } from './session.ts'

/** One incident, opened to be read or written. */
export interface IncidentSession {
  session: Session
  log: IncidentLog
  incident: Incident
}

/** The one that is named with --incident, or as an argument; else the one that is going on. @throws OperatorError NO_INCIDENT, UNKNOWN_INCIDENT */
export async function openIncident(
  input: CommandInput,
  need: { write: boolean; newest?: boolean },
): Promise<IncidentSession> {
  const session = await input.open({ write: need.write })
  if (session.configProblem) input.screen.warn(session.configProblem)
  const log = await session.incidents()
  const name = input.args.incident ?? input.options.incident
  const going = currentIncident(log.incidents) ?? (need.newest === true ? log.incidents.at(-1) : null)
  const incident = typeof name === 'string' ? requireIncident(log, name) : (going ?? null)
  if (incident === null) throw new OperatorError('NO_INCIDENT', { service: session.service })
  return { session, log, incident }
}

function requireIncident(log: IncidentLog, name: string): Incident {
  const found = findIncident(log, name)
  if (found !== null) return found
  const known = log.incidents.map(({ id }) => id).join(', ') || 'none'
  throw new OperatorError('UNKNOWN_INCIDENT', { name, service: log.service, known })
}

type Own = { [T in keyof IncidentEventData]: Omit<EventData[T], 'incident'> }

export function incidentEvent<T extends Exclude<keyof IncidentEventData, 'IncidentOpened'>>(
  session: Session,
  incident: IncidentId,
  type: T,
  data: Own[T],
  at: number = session.clock.now(),
): NewEvent {
  const { service, actor } = session
  const facts = { service, subject: `incident/${incident}`, actor, at: new Date(at).toISOString() }
  // `type` and `data` are tied by T; the union of all events cannot see that.
  return { type, ...facts, data: { incident, ...data } } as NewEvent
}

/** Written down, and the incident as it is now. */
export async function recordOn(
  { session, incident }: IncidentSession,
  ...events: NewEvent[]
): Promise<{ incident: Incident; seqs: number[] }> {
  const written = await session.journal.append(events)
  const log = await session.incidents()
  return { incident: findIncident(log, incident.id) ?? incident, seqs: written.map(({ seq }) => seq) }
}

/** Who is speaking: as said with --as, as the contacts know the account, else the account itself. */
export function speaker(input: CommandInput, session: Session, option = input.options.as): string {
  const { contacts } = session.configuration
  if (typeof option === 'string') return findPerson(contacts, option) ?? option
  return findPerson(contacts, session.actor) ?? session.actor
}

/** Absent: now. Typed times of day are those of the review's time zone. @throws OperatorError USAGE */
export function momentIn(
  input: CommandInput,
  session: Session,
  option: string,
  direction: 'past' | 'future',
): number | null {
  const text = input.options[option]
  if (typeof text !== 'string') return null
  const { timeZone } = session.configuration.incident.review
  const at = parseMoment(text, session.clock.now(), timeZone, direction)
  if (at !== null) return at
  const detail = `--${option} ${JSON.stringify(text)} is no moment: write 03:12, "2026-03-01 03:12", 2026-03-01T03:12:00Z or 10m.`
  throw new OperatorError('USAGE', { detail, command: '' })
}

/** The words of an argument or an option that must not be empty. @throws OperatorError USAGE */
export function wordsOf(value: string | boolean | undefined, what: string, command: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim()
  throw new OperatorError('USAGE', { detail: `${what} is missing.`, command })
}

export function checklistIn({
  session,
  incident,
}: Pick<IncidentSession, 'session' | 'incident'>): CheckedItem[] {
  return checklistOf(incident, session.configuration.incident.checklist)
}

/** Where its report, people's edits to it and its invite lie. */
export function incidentFolder(session: Session, incident: IncidentId): string {
  return join(session.incidentsFolder, incident)
}

/** @throws OperatorError INCIDENT_STATE */
export function refuseIn(
  incident: Incident,
  states: readonly Incident['state'][],
  what: string,
  hint: string,
): void {
  if (!states.includes(incident.state)) return
  throw new OperatorError('INCIDENT_STATE', { incident: incident.id, state: incident.state, what, hint })
}
