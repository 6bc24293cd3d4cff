import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { PrepareOptions } from '../../ports/runtime.ts'
import { sizeOf, tail } from './log-tail.ts'
import type { Pm2Process } from './parse.ts'
import { type Pm2Context, POLL_MS } from './pm2-context.ts'

/** A crash shows in PM2's restart counter; asking costs a pm2 command, so it is asked this often. */
const CRASH_LOOK_MS = 700
const LOG_LINES = 12
/** What a process said when it ended comes to the log through PM2, which may be busy. */
const WORDS_PATIENCE_MS = 2_000

export interface Readiness {
  ready: number
  /** What shows that an instance has failed for good; null: nothing does. */
  crashed: string | null
}

/** A unit on its way up. */
export interface Launch {
  release: ReleaseId
  unit: string
  wanted: number
  options: PrepareOptions
  /** Where its errors go, and how much was there before. */
  log: string
  logged: number
  look: () => Promise<Readiness>
  /** What the app threw, from the agent: PM2's log may have missed it. */
  lastWords: () => Promise<string[]>
}

export async function describeLaunch(launch: Omit<Launch, 'logged'>): Promise<Launch> {
  return { ...launch, logged: await sizeOf(launch.log) }
}

/**
 * Returns when enough instances are ready.
 * @param command the outcome of the `pm2 start` that is on its way: null, or why it failed
 * @throws OperatorError CANDIDATE_CRASHED, CANDIDATE_NOT_READY, or what the command failed with
 */
export async function awaitReady(
  context: Pm2Context,
  launch: Launch,
  command: Promise<unknown>,
): Promise<void> {
  const { clock } = context
  const { options, wanted } = launch
  const deadline = clock.now() + options.timeoutMs
  const started = { failed: null as unknown, ended: false }
  void command.then((error) => Object.assign(started, { failed: error, ended: true }))
  let lookAt: number | null = null
  let restarts: number | null = null
  for (;;) {
    const { ready, crashed } = await launch.look()
    if (crashed !== null) throw await crash(context, launch, crashed)
    if (ready >= wanted) return
    options.signal.throwIfAborted()
    if (started.failed !== null) throw started.failed
    const now = clock.now()
    if (started.ended) lookAt ??= now + CRASH_LOOK_MS
    if (lookAt !== null && now >= lookAt) {
      restarts = await refuseCrashed(context, launch, restarts)
      lookAt = clock.now() + CRASH_LOOK_MS
    }
    if (now >= deadline) throw await notReady(launch, ready)
    await clock.sleep(POLL_MS, options.signal)
  }
}

/**
 * PM2's own view, for apps without the agent and for an agent that does not come up. A unit PM2 knew from before brings
 * its old restarts along, so only one more than at the first look is one too many.
 */
async function refuseCrashed(context: Pm2Context, launch: Launch, before: number | null): Promise<number> {
  const own = (await context.program.list()).filter(({ name }) => name === launch.unit)
  const ended = own.find(({ status }) => status === 'errored' || status === 'stopped')
  if (ended !== undefined) throw await crash(context, launch, `PM2 says it is ${ended.status}`)
  const restarts = own.reduce((sum: number, process: Pm2Process) => sum + process.restarts, 0)
  if (before !== null && restarts > before)
    throw await crash(context, launch, `PM2 started it again ${restarts} times`)
  return restarts
}

async function crash({ clock }: Pm2Context, launch: Launch, how: string): Promise<OperatorError> {
  const { release, log } = launch
  const deadline = clock.now() + WORDS_PATIENCE_MS
  let words = await readWords(launch)
  while (words.length === 0 && clock.now() < deadline) {
    await clock.sleep(POLL_MS)
    words = await readWords(launch)
  }
  const details = words.length > 0 ? words : [how]
  return new OperatorError('CANDIDATE_CRASHED', { release, log }, { details })
}

async function readWords({ log, logged, lastWords }: Launch): Promise<string[]> {
  const written = await tail(log, LOG_LINES, logged)
  return written.length > 0 ? written : (await lastWords()).slice(0, LOG_LINES)
}

async function notReady(launch: Launch, ready: number): Promise<OperatorError> {
  const { release, log, logged, wanted, options } = launch
  const seconds = Math.round(options.timeoutMs / 100) / 10
  const details = await tail(log, LOG_LINES, logged)
  return new OperatorError(
    'CANDIDATE_NOT_READY',
    { release, seconds, ready, instances: wanted, log },
    { details },
  )
}
