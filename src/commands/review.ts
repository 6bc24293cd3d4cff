import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findPerson } from '../domain/contacts/contacts.ts'
import type { Incident } from '../domain/incident/incident.ts'
import { reviewLimit, reviewStart } from '../domain/incident/review-rule.ts'
import type { ReviewFacts } from '../domain/incident/words.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { showTime } from '../render/incident-text.ts'
import {
  type IncidentSession,
  incidentEvent,
  incidentFolder,
  momentIn,
  openIncident,
  recordOn,
  refuseIn,
} from './incident-session.ts'
import type { CommandInput, CommandResult } from './session.ts'

/** Sets, moves or calls off the review. The invite is written beside the report; whoever sends mail sends it. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const opened = await openIncident(input, { write: true })
  const { session, incident } = opened
  refuseIn(incident, ['dismissed'], 'reviewed', 'lastgood incident list')
  const { cancel } = input.options
  if (typeof cancel === 'string') await cancelReview(opened, cancel)
  else await scheduleReview(opened, momentIn(input, session, 'at', 'future'))
  const { review } = incident
  const path = await writeInvite(opened)
  if (review !== null) {
    const words =
      review.cancelled === null
        ? `set for ${showTime(review.start)} UTC, ${review.minutes} minutes`
        : 'called off'
    input.screen.line(`Review of ${incident.id}: ${words}`)
    input.screen.lines(review.attendees.map(({ name, email }) => `  ${name} <${email}>`))
    input.screen.line(
      path ?? 'Nobody who took part has an address in contacts.people, so there is no invite.',
    )
    warnLate(input, opened)
  }
  return { exit: 0, document: { incident: incident.id, review, invite: path } }
}

/** By the rule, unless a moment is given. One that is there is moved: the same invite, one higher. */
export async function scheduleReview(opened: IncidentSession, at: number | null): Promise<void> {
  const { session, incident } = opened
  const { minutes, timeZone, time } = session.configuration.incident.review
  const now = session.clock.now()
  const over = Date.parse(incident.times.resolved ?? new Date(now).toISOString())
  const byRule = reviewStart(incident.severity, over, { timeZone, time, minutes })
  const set = incident.review?.cancelled === null ? Date.parse(incident.review.start) : null
  // Long after the end the rule's own date is gone. One that is set stays, unless it is moved.
  const late = () => reviewStart(incident.severity, now, { timeZone, time, minutes })
  const start = at ?? set ?? (byRule > now ? byRule : late())
  const facts: ReviewFacts = {
    uid: incident.review?.uid ?? `review-${session.service}-${incident.id}-${incident.key}`,
    sequence: incident.review === null ? 0 : incident.review.sequence + 1,
    start: new Date(start).toISOString(),
    minutes,
    timeZone,
    attendees: inviteesOf(opened),
  }
  if (changes(incident.review, facts))
    await recordOn(opened, incidentEvent(session, incident.id, 'ReviewScheduled', facts))
  await writeInvite(opened)
}

/** Asked for again, it is the same review: nobody gets a second invite for nothing. */
function changes(review: Incident['review'], facts: ReviewFacts): boolean {
  if (review === null || review.cancelled !== null) return true
  const people = (invited: ReviewFacts['attendees']) =>
    invited
      .map(({ email }) => email)
      .sort()
      .join()
  return (
    review.start !== facts.start ||
    review.minutes !== facts.minutes ||
    people(review.attendees) !== people(facts.attendees)
  )
}

async function cancelReview(opened: IncidentSession, reason: string): Promise<void> {
  const { session, incident } = opened
  const { review } = incident
  if (review === null || review.cancelled !== null) {
    const detail = `${incident.id} has no review that could be called off.`
    throw new OperatorError('USAGE', { detail, command: 'incident review' })
  }
  const data = { uid: review.uid, sequence: review.sequence + 1, reason }
  await recordOn(opened, incidentEvent(session, incident.id, 'ReviewCancelled', data))
}

/** Whoever took part and has an address. */
function inviteesOf({ session, incident }: IncidentSession): ReviewFacts['attendees'] {
  const { contacts } = session.configuration
  const took = [...Object.values(incident.roles), ...incident.participants]
  const ids = new Set(took.flatMap((name) => findPerson(contacts, name) ?? []))
  return [...ids].flatMap((id) => {
    const { name, email } = contacts.people[id] ?? {}
    return name === undefined || !email ? [] : [{ name, email }]
  })
}

/** The file's path; null: there is nobody to invite. */
async function writeInvite({ session, incident }: IncidentSession): Promise<string | null> {
  const { renderInvite } = await import('../render/invite.ts')
  const text = renderInvite(incident, session.configuration.incident.review)
  if (text === null) return null
  const folder = incidentFolder(session, incident.id)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'review.ics')
  await writeFile(path, text, { mode: 0o600 })
  return path
}

function warnLate(input: CommandInput, { incident, session }: IncidentSession): void {
  const { review, times, severity } = incident
  if (review === null || review.cancelled !== null || times.resolved === null) return
  const { timeZone } = session.configuration.incident.review
  const limit = reviewLimit(severity, Date.parse(times.resolved), timeZone)
  if (Date.parse(review.start) <= limit) return
  input.screen.line(
    `! Later than the rule has it: by ${showTime(new Date(limit).toISOString())} UTC`,
    'yellow',
  )
}
