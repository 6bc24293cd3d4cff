import type { StepHandlers } from '../step-handler.ts'
import type { StepPorts } from '../step-ports.ts'
import { buildRelease } from './build-release.ts'
import { checkTarget } from './check-target.ts'
import { clearCache } from './clear-cache.ts'
import { createCheckpoint } from './create-checkpoint.ts'
import { migrateDown, migrateUp } from './migrate.ts'
import { probeCandidate } from './probe-candidate.ts'
import { pruneReleases } from './prune-releases.ts'
import { rehearse } from './rehearse.ts'
import { buildBeside, freezeWrites, swapDatabase } from './restore-database.ts'
import { startCandidate, startStandby } from './start-candidate.ts'
import { stopOld } from './stop-old.ts'
import { switchTraffic } from './switch-traffic.ts'
import { verifyRelease } from './verify-release.ts'

export function stepHandlers(ports: StepPorts): StepHandlers {
  return {
    'build-release': buildRelease(ports),
    'check-target': checkTarget(ports),
    'create-checkpoint': createCheckpoint(ports),
    rehearse: rehearse(ports),
    'freeze-writes': freezeWrites(ports),
    'build-beside': buildBeside(ports),
    'migrate-up': migrateUp(ports),
    'start-candidate': startCandidate(ports),
    'migrate-down': migrateDown(ports),
    'swap-database': swapDatabase(ports),
    'probe-candidate': probeCandidate(ports),
    'switch-traffic': switchTraffic(ports),
    'clear-cache': clearCache(ports),
    verify: verifyRelease(ports),
    'stop-old': stopOld(ports),
    'start-standby': startStandby(ports),
    'prune-releases': pruneReleases(ports),
  }
}
