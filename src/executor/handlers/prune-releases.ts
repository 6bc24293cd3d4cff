import { neededReleases } from '../../domain/checkpoint-retention.ts'
import type { NewEvent } from '../../domain/event.ts'
import { releasesToRetire } from '../../domain/retention.ts'
import type { StepHandler } from '../step-handler.ts'
import { eventOf, type StepPorts } from '../step-ports.ts'

export function pruneReleases(ports: StepPorts): StepHandler {
  return {
    async observe() {
      return 'unknown'
    },
    async run() {
      const { service, releases, live } = ports.state
      const { keep } = ports.configuration
      const events: NewEvent[] = []
      for (const id of releasesToRetire(releases, live, keep)) {
        await ports.store.remove(service, id)
        await ports.runtime.forget(id)
        events.push(
          eventOf(ports, 'ReleaseRetired', `release/${id}`, {
            release: id,
            reason: `retention keeps ${keep}`,
          }),
        )
      }
      const pruned = await ports.database?.checkpoints.prune(neededReleases(ports.state))
      const expired = await ports.database?.restoration.dropExpired(ports.clock.now())
      const checkpoints = pruned === undefined ? {} : { checkpointsRemoved: pruned.removed.length }
      const databases = expired?.dropped.length ? { dropped: expired.dropped.join(' ') } : {}
      return { evidence: { removed: events.length, ...checkpoints, ...databases }, events }
    },
  }
}
