import { OperatorError } from '../errors/operator-error.ts'
import { exportEvents } from './export-events.ts'
import { findRunbook } from './find-runbook.ts'
import type { CommandInput, CommandResult } from './session.ts'

export async function verify(input: CommandInput): Promise<CommandResult> {
  const journal = await input.openJournal()
  const report = await journal.verify()
  await journal.close()
  if (report.ok) {
    input.screen.line(
      `The journal is whole: ${report.events} events, head ${report.head.slice(0, 12)}.`,
      'green',
    )
    return { exit: 0, document: { ...report } }
  }
  const detail = `event ${report.broken?.seq}: ${report.broken?.reason}`
  const params = { path: input.global.home, detail, runbook: findRunbook(input.global.home) }
  const error = new OperatorError('JOURNAL_DAMAGED', params)
  return { exit: error.exit, document: { ...report }, error }
}

/** One event a line, as it was written: the whole memory, for another tool or another day. */
export async function exportJournal(input: CommandInput): Promise<CommandResult> {
  const journal = await input.openJournal()
  for await (const line of exportEvents(journal)) input.world.stdout.write(`${line.trimEnd()}\n`)
  await journal.close()
  return { exit: 0, document: {} }
}
