import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { LaunchRecord, SwarmLaunch } from '../../ports/release-store.ts'
import type { PrepareOptions } from '../../ports/runtime.ts'
import { pausesOf, releaseOfSpec, remindingSpec, rollsBack } from './commands.ts'
import { isThere, type SeenTask, seeTasks } from './observe.ts'
import type { Service } from './parse.ts'
import { keepLog } from './stop-units.ts'
import { requireService, updateService } from './swarm-api.ts'
import { FORGOTTEN_MS, logPath, POLL_MS, type SwarmContext } from './swarm-context.ts'
import { tellRouter } from './tell-router.ts'

/** A replica after the other, each with its boot and the end of the one before. */
const PATIENCE_FACTOR = 2
/** Tasks that fail on the way, before it is called off: one may meet a node that has just gone. */
const MOST_FAILED = 3
/** A task that is told to end is sent no request any more, and has two seconds for everybody to notice; then it ends what it has. */
const UNTIL_NOTICED_MS = 3_000
/** Where nothing had to end: until a proxy that looks for the tasks by their name has found them. */
const UNTIL_FOUND_MS = 1_000

/** Until this release alone serves, and the swarm will not go back from it by itself. @throws OperatorError ACTIVATION_FAILED */
export async function awaitTasks(
  context: SwarmContext,
  release: ReleaseId,
  launch: LaunchRecord<SwarmLaunch>,
  { timeoutMs }: PrepareOptions,
  endedBefore: ReadonlySet<string>,
): Promise<void> {
  const { clock } = context
  const { instances, spec } = launch.runtime
  const deadline = clock.now() + timeoutMs * instances * PATIENCE_FACTOR + pausesOf(spec, instances)
  let replacedAt: number | null = null
  let forgottenAt: number | null = null
  let isReminded = false
  for (;;) {
    const service = await requireService(context)
    const tasks = await seeTasks(context, service)
    await tellRouter(context, tasks)
    if (releaseOfSpec(service.spec) !== release)
      throw activationFailed(context, release, describeChange(service))
    const failed = tasks.filter((task) => hasFailed(task, release) && !endedBefore.has(task.id))
    const [first] = failed
    if (first !== undefined && isCalledOff(service, failed.length)) {
      await keepLog(context, release, first)
      throw activationFailed(context, release, describeFailure(first))
    }
    const others = tasks.filter((task) => isThere(task) && !isServing(task, release))
    const own = tasks.filter((task) => isServing(task, release))
    const isReplaced = own.length >= instances && others.every(({ ends }) => ends)
    if (!isReplaced) replacedAt = null
    else replacedAt ??= clock.now()
    const isForgotten = own.length >= instances && others.some(({ runs, ends }) => runs && !ends)
    if (!isForgotten) forgottenAt = null
    else forgottenAt ??= clock.now()
    if (!isReminded && forgottenAt !== null && clock.now() - forgottenAt >= FORGOTTEN_MS) {
      await updateService(context, service, remindingSpec(service.spec))
      isReminded = true
      replacedAt = null
    }
    const patience = others.length === 0 ? UNTIL_FOUND_MS : UNTIL_NOTICED_MS
    const isNoticed = replacedAt !== null && clock.now() - replacedAt >= patience
    if (isNoticed && isSettled(service)) return
    if (clock.now() >= deadline)
      throw activationFailed(context, release, describeWaiting(own.length, instances, others))
    await clock.sleep(POLL_MS)
  }
}

export function isServing(task: SeenTask, release: ReleaseId): boolean {
  return task.release === release && task.runs && !task.ends
}

export function activationFailed(context: SwarmContext, release: ReleaseId, detail: string): OperatorError {
  return new OperatorError('ACTIVATION_FAILED', { release, detail, log: logPath(context, release) })
}

function hasFailed({ release, state }: SeenTask, wanted: ReleaseId): boolean {
  return release === wanted && (state === 'failed' || state === 'rejected')
}

/** Where the swarm goes back by itself it is left to do that, and to say so. */
function isCalledOff({ spec, update }: Service, failures: number): boolean {
  return update?.state.endsWith('paused') === true || (failures >= MOST_FAILED && !rollsBack(spec))
}

/** What the swarm may take back by itself is not there before it says that it will not. */
function isSettled({ spec, update }: Service): boolean {
  return !(update?.state === 'updating' && rollsBack(spec))
}

/** Another spec is there now: that is not ours to set again. */
function describeChange({ update, spec }: Service): string {
  const now = releaseOfSpec(spec)
  return update?.state.startsWith('rollback')
    ? `the swarm went back to ${now ?? 'the spec before'} by itself (failure_action: rollback; ${update.message})`
    : `somebody else has changed the service meanwhile, to ${now ?? 'what is no release'}`
}

function describeFailure({ state, message, on }: SeenTask): string {
  return state === 'rejected' ? `${on} refused a task: ${message}` : `a task on ${on} failed: ${message}`
}

/** `1 of 2 tasks run it; pending: no suitable node (...)` */
function describeWaiting(own: number, instances: number, others: readonly SeenTask[]): string {
  const waiting = others.map(({ state, message }) => `${state}: ${message}`)
  return [`${own} of ${instances} tasks run it`, ...new Set(waiting)].join('; ')
}
