import type { NewEvent } from '../domain/event.ts'
import { currentIncident, type Incident, isActive } from '../domain/incident/incident.ts'
import { findIncident } from '../domain/incident/incident-log.ts'
import { parseSeverity, SEVERITIES, severityName } from '../domain/incident/severity.ts'
import { ROLES, type Severity } from '../domain/incident/words.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { incidentLine, showTime } from '../render/incident-text.ts'
import {
  type IncidentSession,
  incidentEvent,
  momentIn,
  openIncident,
  recordOn,
  refuseIn,
  speaker,
  wordsOf,
} from './incident-session.ts'
import type { CommandInput, CommandResult } from './session.ts'

const UPDATE_EVERY_MS = 20 * 60_000

/** A person has seen what no signal has. */
export async function open(input: CommandInput): Promise<CommandResult> {
  const title = wordsOf(input.args.title, 'What you see', 'incident open')
  const severity = severityIn(input, input.options.severity)
  const session = await input.open({ write: true })
  const log = await session.incidents()
  const going = currentIncident(log.incidents)
  if (going !== null && isActive(going))
    throw new OperatorError('INCIDENT_OPEN', { incident: going.id, state: going.state, title: going.title })
  const { service, actor, clock } = session
  const at = momentIn(input, session, 'at', 'past') ?? clock.now()
  const drill = input.options.drill === true
  const event: NewEvent = {
    type: 'IncidentOpened',
    service,
    subject: `service/${service}`,
    actor,
    at: new Date(at).toISOString(),
    data: { title, severity, release: null, drill },
  }
  await session.journal.append([event])
  const incident = currentIncident((await session.incidents()).incidents)
  input.screen.line(incident === null ? title : incidentLine(incident))
  return { exit: 0, document: { incident } }
}

/** Somebody has it: paging stops, and the severity it has is taken as right. */
export async function ack(input: CommandInput): Promise<CommandResult> {
  const opened = await openIncident(input, { write: true })
  const { session, incident } = opened
  refuseIn(incident, ['closed', 'dismissed'], 'acknowledged', 'lastgood incident list')
  const person = speaker(input, session)
  if (typeof input.options.decline === 'string')
    return told(
      input,
      opened,
      `${person} cannot`,
      incidentEvent(session, incident.id, 'PageDeclined', { person, reason: input.options.decline }),
    )
  return told(
    input,
    opened,
    `${person} has it`,
    incidentEvent(session, incident.id, 'IncidentAcknowledged', { person }),
  )
}

export async function note(input: CommandInput): Promise<CommandResult> {
  const text = wordsOf(input.args.text, 'What there is to note', 'incident note')
  const opened = await openIncident(input, { write: true })
  const { session, incident } = opened
  const at = momentIn(input, session, 'at', 'past') ?? session.clock.now()
  const marks = marksIn(input)
  const corrects = correctedIn(input, incident)
  const event = incidentEvent(session, incident.id, 'IncidentNoted', { text, corrects, marks }, at)
  return told(input, opened, `noted for ${showTime(new Date(at).toISOString())} UTC`, event)
}

export async function severity(input: CommandInput): Promise<CommandResult> {
  const wanted = severityIn(input, input.args.severity)
  if (wanted === null) throw unknownSeverity(input.args.severity ?? '')
  const reason = wordsOf(input.options.reason, '--reason', 'incident severity')
  const opened = await openIncident(input, { write: true })
  const data = { severity: wanted, reason }
  const event = incidentEvent(opened.session, opened.incident.id, 'IncidentSeveritySet', data)
  return told(input, opened, severityName(wanted), event)
}

export async function impact(input: CommandInput): Promise<CommandResult> {
  const text = wordsOf(input.args.text, 'Who is hit, and how', 'incident impact')
  const opened = await openIncident(input, { write: true })
  const event = incidentEvent(opened.session, opened.incident.id, 'IncidentImpactAssessed', { text })
  return told(input, opened, `impact: ${text}`, event)
}

export async function role(input: CommandInput): Promise<CommandResult> {
  const name = ROLES.find((known) => known === input.args.role)
  if (name === undefined) {
    const detail = `There is no role ${input.args.role}. One of: ${ROLES.join(', ')}.`
    throw new OperatorError('USAGE', { detail, command: 'incident role' })
  }
  const opened = await openIncident(input, { write: true })
  const { session, incident } = opened
  const person =
    input.options.none === true ? null : speaker(input, session, input.args.person ?? input.options.as)
  const event = incidentEvent(session, incident.id, 'IncidentRoleAssigned', { role: name, person })
  return told(input, opened, person === null ? `nobody is ${name}` : `${person} is ${name}`, event)
}

/** What is told to everybody, and when the next word is promised for. */
export async function update(input: CommandInput): Promise<CommandResult> {
  const text = wordsOf(input.args.text, 'What there is to tell', 'incident update')
  const opened = await openIncident(input, { write: true })
  const { session, incident } = opened
  refuseIn(incident, ['closed', 'dismissed'], 'updated', 'lastgood incident note "..." is always possible')
  const eta = iso(momentIn(input, session, 'eta', 'future'))
  const promised = momentIn(input, session, 'next', 'future')
  // Nothing more is promised of one that is over.
  const byDefault = isActive(incident) ? session.clock.now() + UPDATE_EVERY_MS : null
  const data = { text, public: input.options.public === true, eta, nextUpdate: iso(promised ?? byDefault) }
  const next =
    data.nextUpdate === null ? '' : `; the next one is promised for ${showTime(data.nextUpdate)} UTC`
  return told(input, opened, `told${next}`, incidentEvent(session, incident.id, 'IncidentUpdated', data))
}

export async function told(
  input: CommandInput,
  opened: IncidentSession,
  words: string,
  ...events: NewEvent[]
): Promise<CommandResult> {
  const { incident, seqs } = await recordOn(opened, ...events)
  input.screen.line(`${incident.id}: ${words} (event ${seqs.join(', ')})`)
  return {
    exit: 0,
    document: { incident: summaryOf(findIncident(opened.log, incident.id) ?? incident), events: seqs },
  }
}

function summaryOf({ id, title, state, severity, drill, times, nextUpdate }: Incident) {
  return { id, title, state, severity, drill, times, nextUpdate }
}

function severityIn(_: CommandInput, text: string | boolean | undefined): Severity | null {
  if (text === undefined) return null
  const found = parseSeverity(String(text))
  if (found === null) throw unknownSeverity(String(text))
  return found
}

function unknownSeverity(text: string): OperatorError {
  const known = SEVERITIES.map(severityName).join(', ')
  const detail = `${JSON.stringify(text)} is no severity: ${known}. In doubt the higher one.`
  return new OperatorError('USAGE', { detail, command: 'incident severity' })
}

function marksIn({ options }: CommandInput): 'failingSince' | 'detected' | null {
  const { marks } = options
  if (marks === undefined) return null
  if (marks === 'failing-since') return 'failingSince'
  if (marks === 'detected') return 'detected'
  const detail = `--marks ${JSON.stringify(marks)} is no moment that a note can set: failing-since, detected.`
  throw new OperatorError('USAGE', { detail, command: 'incident note' })
}

function correctedIn({ options }: CommandInput, incident: Incident): number | null {
  const { corrects } = options
  if (corrects === undefined) return null
  const seq = Number(String(corrects).replace(/^#/, ''))
  if (incident.timeline.some((entry) => entry.seq === seq)) return seq
  const detail = `--corrects ${JSON.stringify(corrects)} is no event in the timeline of ${incident.id}.`
  throw new OperatorError('USAGE', { detail, command: 'incident note' })
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
