import { isAlive, listAgents } from '../../agent-client/agent-client.ts'
import { forgetRelease } from '../../agent-client/run-folder.ts'
import type { ReleaseId } from '../../domain/release.ts'
import type { StoppedUnits } from '../../ports/runtime.ts'
import { deleteArgs, releaseOfUnit } from './commands.ts'
import { belongs } from './observe.ts'
import type { Pm2Process } from './parse.ts'
import { type Pm2Context, POLL_MS } from './pm2-context.ts'

const DELETE_TIMEOUT_MS = 60_000
/** A kept connection on which nothing was sent for so long is waiting for its client's timeout, not for us. */
const IDLE_MS = 5_000

export async function stopRelease(context: Pm2Context, release: ReleaseId): Promise<void> {
  const own = ({ name }: Pm2Process) => releaseOfUnit(context.app, name)?.release === release
  await deleteUnits(context, (await context.program.list()).filter(own))
  await forgetRelease(context.runFolder, release)
}

export async function stopOtherUnits(
  context: Pm2Context,
  keep: readonly ReleaseId[],
  drainTimeoutMs: number,
): Promise<StoppedUnits> {
  const drained = await awaitDrained(context, keep, drainTimeoutMs)
  const others = (await context.program.list()).filter((process) => {
    const unit = releaseOfUnit(context.app, process.name)
    if (unit?.probe) return true
    return belongs(context, process) && (unit === null || !keep.includes(unit.release))
  })
  const stopped = await deleteUnits(context, others)
  const releases = new Set(others.map(({ name }) => releaseOfUnit(context.app, name)?.release))
  for (const release of releases)
    if (release !== undefined && !keep.includes(release)) await forgetRelease(context.runFolder, release)
  return { stopped, drained }
}

/** True when every draining process has ended all it had begun; false at the deadline. */
async function awaitDrained(
  context: Pm2Context,
  keep: readonly ReleaseId[],
  timeoutMs: number,
): Promise<boolean> {
  const deadline = context.clock.now() + timeoutMs
  let activity = ''
  let quietSince = context.clock.now()
  for (;;) {
    const agents = await listAgents(context.runFolder)
    const draining = agents.filter(
      ({ socket, status }) => !keep.includes(socket.release) && status?.state === 'draining',
    )
    const now = context.clock.now()
    const seen = draining.map(({ status }) => `${status?.counters.requests} ${status?.forwarded}`).join()
    const busy = draining.some(({ status }) => (status?.inFlight ?? 1) > 0)
    if (busy || seen !== activity) quietSince = now
    activity = seen
    if (draining.length === 0 || now - quietSince >= IDLE_MS) return true
    if (now >= deadline) return false
    await context.clock.sleep(POLL_MS * 2)
  }
}

/** Deletes them and looks whether their processes are really gone. */
async function deleteUnits(context: Pm2Context, processes: readonly Pm2Process[]): Promise<string[]> {
  const units = [...new Set(processes.map(({ name }) => name))]
  if (units.length === 0) return []
  await context.program.runOrFail(deleteArgs(units), DELETE_TIMEOUT_MS)
  const pids = processes.map(({ pid }) => pid).filter((pid) => pid > 0)
  const deadline = context.clock.now() + 10_000
  while (pids.some(isAlive) && context.clock.now() < deadline) await context.clock.sleep(POLL_MS)
  // PM2 forgets an app it could not end; the process it left behind is ours to end, by its id.
  for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  return units
}
