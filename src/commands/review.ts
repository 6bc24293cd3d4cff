import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { changesReview, planReview } from '../domain/incident/plan-review.ts'
import { reviewLimit } from '../domain/incident/review-rule.ts'
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

/** Sets, moves or calls off the review. The invite is mailed where a sink can, and is kept beside the report. */
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

/** By the rule, unless a moment is given. Shared with `incident close`. */
export async function scheduleReview(opened: IncidentSession, at: number | null): Promise<void> {
  const { session, incident } = opened
  const { contacts, incident: settings } = session.configuration
  const planned = planReview(incident, { contacts, rule: settings.review, at, now: session.clock.now() })
  if (changesReview(incident, planned))
    await recordOn(opened, incidentEvent(session, incident.id, 'ReviewScheduled', planned))
  await writeInvite(opened)
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

/** The file's path; null: there is nobody to invite. */
async function writeInvite({ session, incident }: IncidentSession): Promise<string | null> {
  const { invite } = await session.notify()
  const text = await invite(incident)
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
