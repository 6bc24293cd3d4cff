import type { DataWay } from '../domain/database-facts.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { chooseTarget } from '../planner/choose-target.ts'
import { planRollback } from '../planner/plan-rollback.ts'
import { lookAtDatabase } from './database-facts.ts'
import { planAndRun, requireRuntime } from './plan-and-run.ts'
import type { CommandInput, CommandResult } from './session.ts'

const DATA_WAYS: readonly DataWay[] = ['keep', 'down', 'restore']

/** To the last known good release, or to the one that is named. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: input.options.plan !== true })
  if (session.configProblem) input.screen.warn(session.configProblem)
  await requireRuntime(session)
  const state = await session.state()
  const reason = String(input.options.reason ?? `rolled back by ${session.actor}`)
  const name = input.args.release ?? null
  const data = { way: dataWayIn(input), corrupt: input.options.corrupt === true }
  // Only to know whose instances are meant; whether it may be gone back to is the planner's to say.
  const chosen = chooseTarget(state, name, true)
  return planAndRun(input, session, state, {
    verb: 'rollback',
    question: ({ from, to }) =>
      from === null ? `Bring ${to} back up?` : `Roll ${session.service} back from ${from} to ${to}?`,
    reason,
    forced: false,
    to: 'target' in chosen ? chosen.target.id : null,
    async plan(planning) {
      const database = 'target' in chosen ? await lookAtDatabase(session, state, chosen.target) : null
      return planRollback({ ...planning, database }, name, data)
    },
  })
}

function dataWayIn({ options }: CommandInput): DataWay | null {
  const { data } = options
  if (data === undefined) return null
  const way = DATA_WAYS.find((known) => known === data)
  if (way !== undefined) return way
  const detail = `--data ${JSON.stringify(data)} is no way for the data: ${DATA_WAYS.join(', ')}.`
  throw new OperatorError('USAGE', { detail, command: 'rollback' })
}
