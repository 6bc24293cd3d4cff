import type { Plan } from '../domain/plan.ts'
import { findRelease, type ServiceState } from '../domain/service-state.ts'
import { openVerdict } from '../domain/verdict.ts'
import { isOperatorError, OperatorError } from '../errors/operator-error.ts'
import { formatMs } from '../render/format.ts'
import { provenLater } from './bake.ts'
import { followState } from './follow-state.ts'
import type { Companion } from './plan-and-run.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'
import { settingsFrom, watchUntil } from './watch.ts'
import { underWatchLease } from './watch-lease.ts'

/**
 * Lets a release bake under the judge, as `lastgood watch` would, from the moment it serves: the run may still have old
 * instances to drain and checks to make. Where somebody watches already, that watcher judges.
 */
export function bakeUnderJudge(input: CommandInput, session: Session, plan: Plan): Companion {
  const abandoned = new AbortController()
  const judged = judge(input, session, plan, abandoned.signal)
  // Met by whoever finishes it.
  judged.catch(() => {})
  return {
    async finish() {
      input.screen.line(`Baking for ${formatMs(session.configuration.bakeMs)} under the judge.`, 'dim')
      const state = await judged.catch((error: unknown) => {
        if (!isOperatorError(error) || error.code !== 'WATCHED_ALREADY') throw error
        input.screen.line(`${error.message} It judges this one, too.`, 'dim')
        return followUntil(input, session, (now) => endOf(now, plan) !== 'baking')
      })
      return resultOf(input, session, plan, state ?? (await session.state()))
    },
    async abandon() {
      abandoned.abort()
      // Why the run failed is what has to be said.
      await judged.catch(() => {})
    },
  }
}

/** Null: the release did not come to serve, so there was nothing to judge. */
async function judge(
  input: CommandInput,
  session: Session,
  plan: Plan,
  abandoned: AbortSignal,
): Promise<ServiceState | null> {
  const settings = settingsFrom(input, session)
  const over = ({ state }: { state: ServiceState }) => endOf(state, plan) !== 'baking'
  return underWatchLease(input, session, async (lease, signal) => {
    const ended = AbortSignal.any([signal, abandoned])
    if (!(await serves(session, plan, ended))) return null
    const { state } = await watchUntil(input, session, settings, lease, ended, over)
    if (signal.aborted && isOperatorError(signal.reason)) throw signal.reason
    return state
  })
}

/** Waits until the plan's release serves; false: its run is over without it. */
async function serves(session: Session, plan: Plan, signal: AbortSignal): Promise<boolean> {
  const now = followState(session)
  while (!signal.aborted) {
    const state = await now()
    const run = state.runs.find(({ id }) => id === plan.id)
    if (state.live === plan.to) return true
    if (run !== undefined && run.status !== 'running') return false
    await session.clock.sleep(SWITCH_MS, signal)
  }
  return false
}

async function followUntil(
  { world }: CommandInput,
  session: Session,
  over: (state: ServiceState) => boolean,
): Promise<ServiceState> {
  const abort = new AbortController()
  const stopListening = world.onInterrupt(() => abort.abort())
  const now = followState(session)
  try {
    let state = await now()
    while (!over(state) && !abort.signal.aborted) {
      await session.clock.sleep(LOOK_MS, abort.signal)
      state = await now()
    }
    return state
  } finally {
    stopListening()
  }
}

const LOOK_MS = 500
/** How soon after the switch the first look is. */
const SWITCH_MS = 100

type End = 'baking' | 'proven' | 'found-bad' | 'superseded' | 'somebody-decides'

function endOf(state: ServiceState, plan: Plan): End {
  const release = findRelease(state, plan.to)
  if (state.live !== plan.to) return lastRun(state, plan) === null ? 'superseded' : 'found-bad'
  if (release?.proven) return 'proven'
  const verdict = openVerdict(state.verdicts)
  return verdict !== null && verdict.decision !== 'roll-back' ? 'somebody-decides' : 'baking'
}

/** The rollback from it that was begun on a verdict. */
function lastRun(state: ServiceState, plan: Plan) {
  return state.runs.findLast((run) => run.verdict !== null && run.plan.from === plan.to) ?? null
}

function resultOf(
  { screen }: CommandInput,
  { configuration }: Session,
  plan: Plan,
  state: ServiceState,
): CommandResult {
  const end = endOf(state, plan)
  const document = { plan, run: plan.id, outcome: 'succeeded', bake: end }
  const verdict = state.verdicts.findLast(({ release }) => release === plan.to)
  if (end === 'found-bad') {
    const params = {
      release: plan.to,
      to: state.live ?? 'nothing',
      detail: verdict?.reason ?? 'it was found bad',
    }
    const error = new OperatorError('FOUND_BAD', params)
    return { exit: error.exit, document, error }
  }
  if (end === 'somebody-decides') {
    const error = new OperatorError('NOT_PROVEN', { release: plan.to, detail: verdict?.reason ?? '' })
    return { exit: error.exit, document, error }
  }
  if (end === 'proven') screen.line(`${plan.to} is proven.`, 'green')
  if (end === 'superseded') screen.line(`${state.live} has taken over; ${plan.to} is not proven.`, 'yellow')
  if (end === 'baking' && state.liveSince !== null)
    screen.line(
      `Still baking; ${provenLater(plan.to, Date.parse(state.liveSince) + configuration.bakeMs)}.`,
      'yellow',
    )
  return { exit: 0, document }
}
