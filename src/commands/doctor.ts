import type { Outcome } from '../domain/verification.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { wrap } from '../render/format.ts'
import { diagnose } from './diagnose.ts'
import type { CommandInput, CommandResult } from './session.ts'

/** Could we roll back right now, to what, how long would it take, what would be lost: one line a check, each with its fix. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: false })
  const { screen } = input
  const findings = await diagnose(session)
  const marks: Record<Outcome, string> = {
    passed: screen.paint('✓', 'green'),
    failed: screen.paint('✗', 'red'),
    unknown: screen.paint('!', 'yellow'),
  }
  for (const { name, outcome, text, fix } of findings) {
    const [first = '', ...rest] = wrap(text, screen.width - 19)
    screen.line(`${marks[outcome]} ${name.padEnd(15)} ${first}`)
    screen.lines(rest.map((line) => ' '.repeat(18) + line))
    if (outcome !== 'passed' && fix !== null) {
      screen.lines(
        wrap(fix, screen.width - 24).map(
          (line, i) => `${' '.repeat(18)}${i === 0 ? 'fix:' : '    '} ${line}`,
        ),
      )
    }
  }
  screen.line('')
  const failed = findings.filter(({ outcome }) => outcome === 'failed')
  if (failed.length === 0) return { exit: 0, document: { ready: true, findings } }
  const detail = failed.map(({ name, text }) => `${name}: ${text}`).join('; ')
  const error = new OperatorError('NOT_READY_TO_ROLL_BACK', { detail })
  return { exit: error.exit, document: { ready: false, findings }, error }
}
