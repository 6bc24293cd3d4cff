import { applyEvents, emptyState } from '../domain/fold-service.ts'
import { driftOf } from '../domain/incident/runbook-diff.ts'
import { runbookDiff } from '../render/runbook-diff-text.ts'
import { checklistIn, openIncident } from './incident-session.ts'
import type { CommandInput, CommandResult } from './session.ts'
import { composeRunbook } from './write-runbook.ts'

/** Prints Markdown and nothing else, so that it can be piped into a file or a wiki. */
export async function run(input: CommandInput): Promise<CommandResult> {
  if (input.options.diff === true) return diff(input)
  const session = await input.open({ write: false })
  const markdown = await composeRunbook(session, await session.state())
  input.screen.lines([markdown])
  return { exit: 0, document: { markdown } }
}

/** What the newest incident, or the one that is named, did otherwise than the runbook as it stood then. */
async function diff(input: CommandInput): Promise<CommandResult> {
  const opened = await openIncident(input, { write: false, newest: true })
  const { session, incident } = opened
  const before = emptyState(session.service)
  await session.journal.each({}, (event) => {
    if (event.seq < incident.openedBy.seq) applyEvents(before, [event])
  })
  const drifts = driftOf(incident, checklistIn(opened), before.measured.steps)
  const markdown = runbookDiff(incident.id, drifts)
  input.screen.lines([markdown])
  return { exit: 0, document: { incident: incident.id, drifts, markdown } }
}
