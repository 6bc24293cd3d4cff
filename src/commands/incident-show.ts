import { incidentLine, incidentLines } from '../render/incident-text.ts'
import { checklistIn, openIncident } from './incident-session.ts'
import type { CommandInput, CommandResult } from './session.ts'

/** All that is known of it, as of now. */
export async function show(input: CommandInput): Promise<CommandResult> {
  const { session, incident } = await openIncident(input, { write: false })
  const checklist = checklistIn({ session, incident })
  input.screen.lines(incidentLines(incident, checklist, session.clock.now(), input.screen.width))
  input.screen.line('')
  return { exit: 0, document: { incident, checklist } }
}

/** Newest first. */
export async function list(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: false })
  if (session.configProblem) input.screen.warn(session.configProblem)
  const { incidents } = await session.incidents()
  const newest = [...incidents].reverse()
  input.screen.lines(
    newest.length === 0
      ? ['There was no incident yet.']
      : newest.map(
          (incident) =>
            `${incident.times.detected.slice(0, 16).replace('T', ' ')}  ${incidentLine(incident)}`,
        ),
  )
  const document = newest.map(({ timeline, evidence, marks, runs, ...incident }) => ({
    ...incident,
    events: timeline.length,
  }))
  return { exit: 0, document: { incidents: document } }
}
