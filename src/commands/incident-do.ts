import { openItems } from '../domain/incident/checklist.ts'
import type { Incident } from '../domain/incident/incident.ts'
import { ACTION_KINDS } from '../domain/incident/words.ts'
import { showWallClock, wallClock } from '../domain/zoned-time.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { checklistLines } from '../render/incident-text.ts'
import { told } from './incident-say.ts'
import {
  checklistIn,
  type IncidentSession,
  incidentEvent,
  momentIn,
  openIncident,
  refuseIn,
  speaker,
  wordsOf,
} from './incident-session.ts'
import { tellNow } from './pump-outbox.ts'
import { writeReport } from './report.ts'
import { scheduleReview } from './review.ts'
import type { CommandInput, CommandResult } from './session.ts'

/** What closing does where nobody has. */
const BY_ITSELF = ['incident-documented', 'post-mortem-scheduled']

const AGAIN = 'lastgood incident list shows all of them'

/** By a named person; what an event has proven needs nobody. */
export async function tick(input: CommandInput): Promise<CommandResult> {
  const opened = await openIncident(input, { write: true })
  const { session, incident } = opened
  refuseIn(incident, ['closed', 'dismissed'], 'ticked', AGAIN)
  const items = checklistIn(opened)
  const name = input.args.item ?? ''
  const item = items.find(({ id }) => id === name)
  if (item === undefined)
    throw new OperatorError('UNKNOWN_ITEM', {
      name: name || 'without a name',
      known: items.map(({ id }) => id).join(', '),
    })
  const person = speaker(input, session)
  const { skip, reopen, note } = input.options
  if (typeof reopen === 'string') {
    const event = incidentEvent(session, incident.id, 'ChecklistItemReopened', {
      item: item.id,
      reason: reopen,
    })
    return told(input, opened, `${item.title}: open again`, event)
  }
  if (typeof skip === 'string') {
    const data = { item: item.id, person, reason: wordsOf(skip, 'Why it is skipped', 'incident tick') }
    return told(
      input,
      opened,
      `${item.title}: skipped`,
      incidentEvent(session, incident.id, 'ChecklistItemSkipped', data),
    )
  }
  const data = { item: item.id, person, note: typeof note === 'string' ? note : null }
  return told(
    input,
    opened,
    `${item.title}: ticked`,
    incidentEvent(session, incident.id, 'ChecklistItemTicked', data),
  )
}

/** A person's word that it is over, where no evidence says so by itself. */
export async function resolve(input: CommandInput): Promise<CommandResult> {
  const text = wordsOf(input.args.text, 'How it was resolved', 'incident resolve')
  const opened = await openIncident(input, { write: true })
  const { session, incident } = opened
  refuseIn(incident, ['mitigating'], 'resolved', 'A run is under way or was cut short: lastgood status')
  refuseIn(incident, ['resolved', 'closed', 'dismissed'], 'resolved', AGAIN)
  return told(input, opened, 'resolved', incidentEvent(session, incident.id, 'IncidentResolved', { text }))
}

/** It was none: no checklist, no review, and it counts in no metric. */
export async function dismiss(input: CommandInput): Promise<CommandResult> {
  const reason = wordsOf(input.args.reason, 'Why it was none', 'incident dismiss')
  const opened = await openIncident(input, { write: true })
  const { session, incident } = opened
  refuseIn(incident, ['mitigating'], 'dismissed', 'A run is under way or was cut short: lastgood status')
  refuseIn(incident, ['closed', 'dismissed'], 'dismissed', AGAIN)
  return told(
    input,
    opened,
    'dismissed',
    incidentEvent(session, incident.id, 'IncidentDismissed', { reason }),
  )
}

/** Nothing is left to do. What lastgood can do itself, the report and the date of the review, it does now. */
export async function close(input: CommandInput): Promise<CommandResult> {
  const text = wordsOf(input.args.text, 'One sentence on it', 'incident close')
  const opened = await openIncident(input, { write: true })
  const { session, incident } = opened
  refuseIn(incident, ['closed', 'dismissed'], 'closed', AGAIN)
  refuseIn(
    incident,
    ['open', 'acknowledged', 'mitigating', 'monitoring'],
    'closed',
    'lastgood incident resolve "how"   or, if it was none: lastgood incident dismiss "why"',
  )
  const ours = openItems(checklistIn(opened)).flatMap(({ id }) => (BY_ITSELF.includes(id) ? [id] : []))
  requireNothingOpen(input, opened, ours)
  // Whoever has come in since it was set is invited, too; one that a person has called off stays so.
  if (incident.review === null || incident.review.cancelled === null) await scheduleReview(opened, null)
  const teamItems = session.configuration.incident.checklist
  const event = incidentEvent(session, incident.id, 'IncidentClosed', { text, teamItems })
  const report = ours.includes('incident-documented')
    ? [incidentEvent(session, incident.id, 'ReportWritten', {})]
    : []
  const result = await told(input, opened, 'closed', ...report, event)
  // What is told now, the invite above all, is to stand in the report, too.
  await tellNow(session)
  await session.incidents()
  const files = await writeReport(input, opened)
  return { ...result, document: { ...result.document, ...files } }
}

function requireNothingOpen(input: CommandInput, opened: IncidentSession, ours: readonly string[]): void {
  const items = openItems(checklistIn(opened)).filter(({ id }) => !ours.includes(id))
  if (items.length === 0) return
  input.screen.lines(checklistLines(checklistIn(opened), input.screen.width))
  const details = items.map(
    ({ id, title, proof }) => `${id}: ${title}${proof === null ? '' : ` (or by itself: ${proof})`}`,
  )
  throw new OperatorError(
    'CHECKLIST_OPEN',
    { incident: opened.incident.id, count: items.length },
    { details },
  )
}

/** What is to be done so that it does not happen again. */
export async function action(input: CommandInput): Promise<CommandResult> {
  const opened = await openIncident(input, { write: true })
  const { session, incident } = opened
  const { done, owner, due } = input.options
  if (typeof done === 'string') {
    requireAction(incident, done)
    const data = { item: done, text: input.args.text ?? null }
    return told(input, opened, `${done} done`, incidentEvent(session, incident.id, 'ActionItemDone', data))
  }
  const text = wordsOf(input.args.text, 'What is to be done', 'incident action')
  const kind = ACTION_KINDS.find((known) => known === (input.options.kind ?? 'prevent'))
  if (kind === undefined) {
    const detail = `--kind ${JSON.stringify(input.options.kind)} is no kind of action: ${ACTION_KINDS.join(', ')}.`
    throw new OperatorError('USAGE', { detail, command: 'incident action' })
  }
  const data = {
    item: `a${incident.actions.length + 1}`,
    text,
    kind,
    owner: typeof owner === 'string' ? speaker(input, session, owner) : null,
    due: typeof due === 'string' ? dueIn(input, opened) : null,
  }
  return told(
    input,
    opened,
    `${data.item}: ${text}`,
    incidentEvent(session, incident.id, 'ActionItemAdded', data),
  )
}

function requireAction({ id, actions }: Incident, name: string): void {
  if (actions.some((known) => known.id === name)) return
  const known = actions.map((action) => action.id).join(', ') || 'none'
  throw new OperatorError('UNKNOWN_ACTION', { incident: id, name, known })
}

/** A day; `14d` is in two weeks. */
function dueIn(input: CommandInput, { session }: IncidentSession): string {
  const at = momentIn(input, session, 'due', 'future') ?? session.clock.now()
  return showWallClock(wallClock(at, session.configuration.incident.review.timeZone)).slice(0, 10)
}
