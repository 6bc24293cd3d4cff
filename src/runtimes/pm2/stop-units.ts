import { isAlive } from '../../agent-client/agent-client.ts'
import { awaitDrained } from '../../agent-client/let-go.ts'
import { forgetLaunchFiles, forgetRelease } from '../../agent-client/run-folder.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { StoppedUnits } from '../../ports/runtime.ts'
import { deleteArgs, deleteTargets, releaseOfProcess } from './commands.ts'
import { belongs } from './observe.ts'
import type { Pm2Process } from './parse.ts'
import { type Pm2Context, POLL_MS } from './pm2-context.ts'

const DELETE_TIMEOUT_MS = 60_000
const GONE_TIMEOUT_MS = 10_000

export async function stopRelease(context: Pm2Context, release: ReleaseId): Promise<void> {
  const all = await context.program.list()
  const own = all.filter((process) => releaseOfProcess(context.app, process)?.release === release)
  await deleteUnits(context, own, all)
  await forgetRelease(context.runFolder, release)
  await forgetLaunchFiles(context.runFolder)
}

export async function stopOtherUnits(
  context: Pm2Context,
  keep: readonly ReleaseId[],
  drainTimeoutMs: number,
  beforeStop: () => void = () => {},
): Promise<StoppedUnits> {
  const drained = await awaitDrained(context.runFolder, context.clock, keep, drainTimeoutMs)
  const all = await context.program.list()
  const others = all.filter((process) => {
    const unit = releaseOfProcess(context.app, process)
    if (unit?.probe) return true
    return belongs(context, process) && (unit === null || !keep.includes(unit.release))
  })
  beforeStop()
  const stopped = await deleteUnits(context, others, all)
  const releases = new Set(others.map((process) => releaseOfProcess(context.app, process)?.release))
  for (const release of releases)
    if (release !== undefined && !keep.includes(release)) await forgetRelease(context.runFolder, release)
  await forgetLaunchFiles(context.runFolder)
  return { stopped, drained }
}

/** Deletes them and looks whether their processes are really gone. */
async function deleteUnits(
  context: Pm2Context,
  doomed: readonly Pm2Process[],
  all: readonly Pm2Process[],
): Promise<string[]> {
  if (doomed.length === 0) return []
  // PM2 waits for each process as long as its own kill_timeout says.
  const patience = doomed.reduce((sum, { options }) => sum + (Number(options.kill_timeout) || 0), 0)
  const args = deleteArgs(deleteTargets(context.app, doomed, all))
  try {
    await context.program.runOrFail(args, DELETE_TIMEOUT_MS + patience)
  } catch (error) {
    await refuseLeft(context, doomed, error)
  }
  const pids = doomed.map(({ pid }) => pid).filter((pid) => pid > 0)
  const deadline = context.clock.now() + GONE_TIMEOUT_MS
  while (pids.some(isAlive) && context.clock.now() < deadline) await context.clock.sleep(POLL_MS)
  // PM2 forgets an app it could not end; the process it left behind is ours to end, by its id.
  for (const pid of pids) if (isAlive(pid)) endHard(pid)
  return [...new Set(doomed.map(({ name }) => name))]
}

/** A delete also fails when somebody else was quicker, and then all is as it should be. */
async function refuseLeft(context: Pm2Context, doomed: readonly Pm2Process[], cause: unknown): Promise<void> {
  const ids = new Set(doomed.map(({ id }) => id))
  const left = (await context.program.list()).filter(({ id }) => ids.has(id))
  if (left.length === 0) return
  if (cause instanceof OperatorError) throw cause
  throw new OperatorError(
    'RUNTIME_FAILED',
    { operation: 'pm2 delete', detail: 'it is still there' },
    { cause },
  )
}

function endHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}
