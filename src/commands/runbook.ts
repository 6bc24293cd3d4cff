import type { CommandInput, CommandResult } from './session.ts'
import { composeRunbook } from './write-runbook.ts'

/** Prints Markdown and nothing else, so that it can be piped into a file or a wiki. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: false })
  const markdown = await composeRunbook(session, await session.state())
  input.screen.lines([markdown])
  return { exit: 0, document: { markdown } }
}
