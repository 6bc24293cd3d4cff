import type { Configuration } from '../domain/configuration.ts'
import { messageOf } from '../errors/operator-error.ts'
import type { Lease } from '../ports/journal.ts'
import type { WatchSources } from '../ports/watch-sources.ts'
import type { WatchNotice, WatchPorts } from '../watch/watch-ports.ts'
import { actOnVerdict } from './act-on-verdict.ts'
import { takeDueCheckpoint } from './due-checkpoint.ts'
import { flowsOf } from './flows-of.ts'
import { followState } from './follow-state.ts'
import { planBack } from './plan-back.ts'
import type { CommandInput, Session } from './session.ts'
import { settleBake } from './settle-bake.ts'

/** The session as a watcher sees it. */
export function watchPorts(
  input: CommandInput,
  session: Session,
  { signals, invariants, advisories }: WatchSources,
  lease: Lease,
  settings: Configuration['watch'],
  tell: (notice: WatchNotice) => void,
): WatchPorts {
  const { service, configuration, prober, clock, actor } = session
  return {
    service,
    url: configuration.url,
    settings,
    drainMs: configuration.drainTimeoutMs,
    flows: flowsOf(configuration),
    signals,
    prober,
    invariants,
    advisories,
    memory: session.watchMemory,
    clock,
    actor,
    state: followState(session),
    record: async (events) => void (await session.journal.append(events, lease)),
    wanted: async (release) => (await session.store.launchRecord(service, release)).runtime.instances,
    folderOf: async (release) =>
      session.store.launchRecord(service, release).then(
        ({ directory }) => directory,
        () => null,
      ),
    async planBack(corrupt) {
      try {
        const planned = await planBack(session, await session.state(), corrupt)
        return planned.ok ? { ok: true, to: planned.plan.to } : planned
      } catch (error) {
        return { ok: false, why: messageOf(error) }
      }
    },
    act: (verdict) => actOnVerdict(input, session, verdict),
    settle: async () => void (await settleBake(session)),
    upkeep: (signal) => upkeep(session, signal),
    tell,
  }
}

async function upkeep(session: Session, signal: AbortSignal): ReturnType<WatchPorts['upkeep']> {
  try {
    const due = await takeDueCheckpoint(session, signal)
    if (due === null || due.taken === null) return null
    return {
      line: `${due.taken.id} taken on schedule; the next is due ${due.nextAt.slice(0, 16)}Z`,
      failed: false,
    }
  } catch (error) {
    return signal.aborted ? null : { line: `no checkpoint on schedule: ${messageOf(error)}`, failed: true }
  }
}
