import { openFindings } from '../domain/finding.ts'
import { openVerdict } from '../domain/verdict.ts'
import { isOperatorError, OperatorError } from '../errors/operator-error.ts'
import { eventOf } from '../executor/step-ports.ts'
import type { Lease } from '../ports/journal.ts'
import { formatMs } from '../render/format.ts'
import { lookText, noticeLines } from '../render/watch-text.ts'
import { type Look, Watcher } from '../watch/watcher.ts'
import { openInbox } from './open-inbox.ts'
import { requireRuntime } from './plan-and-run.ts'
import { startTelling } from './pump-outbox.ts'
import { readDuration } from './read-duration.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'
import { untilInterrupted } from './until-interrupted.ts'
import { underWatchLease } from './watch-lease.ts'
import { watchPorts } from './watch-ports.ts'

/** Without a terminal a sign of life now and then is enough. */
const SAY_MS = 60_000
const FULL_DISK_MS = 2_000

type Settings = Session['configuration']['watch']

/** Watches what serves until it is ended, and acts as the policy says. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: true })
  if (session.configProblem) input.screen.warn(session.configProblem)
  await requireRuntime(session)
  const settings = settingsFrom(input, session)
  const forMs = typeof input.options.for === 'string' ? readDuration(input.options.for, 'watch') : null
  const until = forMs === null ? null : session.clock.now() + forMs
  const over = () => until !== null && session.clock.now() >= until
  let said = false
  for (;;) {
    try {
      return await underWatchLease(input, session, async (lease, signal) => {
        await announce(input, session, settings, lease)
        said = false
        const last = await watchUntil(input, session, settings, lease, signal, over)
        const lost = signal.aborted && isOperatorError(signal.reason) ? signal.reason : null
        if (lost !== null) throw lost
        return { exit: 0, document: documentOf(last) }
      })
    } catch (error) {
      // Nothing is done that cannot be recorded; but whoever makes room should not have to think of the watcher as well.
      if (!isOperatorError(error) || error.code !== 'DISK_FULL') throw error
      if (!said) input.screen.line(`${error.message} Nothing is judged until there is.`, 'red')
      said = true
      const isInterrupted = await untilInterrupted(input, async (signal) => {
        await session.clock.sleep(FULL_DISK_MS, signal)
        return signal.aborted
      })
      if (isInterrupted || over()) throw error
    }
  }
}

/** Looks, again and again, until it is ended or `over` says so. Shared with `deploy --watch`. */
export async function watchUntil(
  input: CommandInput,
  session: Session,
  settings: Settings,
  lease: Lease,
  signal: AbortSignal,
  over: (look: Look) => boolean | Promise<boolean>,
): Promise<Look> {
  const { clock } = session
  const { screen } = input
  const sources = await session.watch()
  const inbox = await openInbox(session, sources, settings, lease)
  const watcher = new Watcher(
    watchPorts(input, session, sources, lease, settings, (notice) => {
      for (const [text, tone] of noticeLines(notice, clock.now(), screen.width)) screen.line(text, tone)
    }),
  )
  const stopTelling = startTelling(session)
  let saidAt = 0
  try {
    for (;;) {
      const startedAt = clock.now()
      const look = await watcher.look()
      const text = lookText(look, clock.now())
      screen.status(text)
      if (!screen.isTerminal && clock.now() - saidAt >= SAY_MS) {
        screen.line(text, 'dim')
        saidAt = clock.now()
      }
      if (signal.aborted || (await over(look))) return look
      await clock.sleep(Math.max(0, startedAt + settings.everyMs - clock.now()), signal)
    }
  } finally {
    screen.status(null)
    await watcher.close()
    await stopTelling()
    await inbox?.close()
    await sources.invariants?.close()
  }
}

/** What the command line says wins over the file. */
export function settingsFrom({ options }: CommandInput, { configuration }: Session): Settings {
  const { policy, countdown } = options
  const settings = { ...configuration.watch }
  if (typeof countdown === 'string') settings.countdownMs = readDuration(countdown, 'watch')
  if (policy === undefined) return settings
  if (policy === 'ask' || policy === 'act') return { ...settings, policy }
  const detail = `--policy ${JSON.stringify(policy)} is no policy: ask or act.`
  throw new OperatorError('USAGE', { detail, command: 'watch' })
}

async function announce(
  { screen }: CommandInput,
  session: Session,
  settings: Settings,
  lease: Lease,
): Promise<void> {
  const { actor, clock, service, journal } = session
  const { signals } = await session.watch()
  const state = await session.state()
  const { policy, countdownMs } = settings
  const data = { release: state.live, policy, source: signals.source }
  await journal.append([eventOf({ actor, clock, state }, 'WatchStarted', `service/${service}`, data)], lease)
  const does =
    policy === 'act'
      ? `rolls back by itself${countdownMs === 0 ? '' : `, ${formatMs(countdownMs)} after its verdict`}`
      : 'proposes a rollback, and waits for a person'
  screen.line(`Watching ${service} by ${signals.source}. It ${does}. Ctrl-C ends the watching.`, 'bold')
}

function documentOf({ state, memory, blind }: Look): Record<string, unknown> {
  return {
    release: memory?.release ?? null,
    blind,
    findings: openFindings(state.findings, state.live),
    verdict: openVerdict(state.verdicts),
  }
}
