import type { Checkpoint } from '../domain/checkpoint.ts'
import { compareContent } from '../domain/compare-content.ts'
import type { Proof } from '../domain/proof.ts'
import type { ReleaseId } from '../domain/release.ts'
import { isOperatorError, messageOf, OperatorError } from '../errors/operator-error.ts'
import type { TrialCopy } from '../ports/trial-databases.ts'
import { chooseRoute, type Route } from './choose-route.ts'
import { describeMigrations } from './describe-migrations.ts'
import type { Findings, RehearsalPorts, RehearseRequest } from './rehearsal-ports.ts'
import { rehearseApplied } from './rehearse-applied.ts'
import { goUp, rehearsePending } from './rehearse-pending.ts'
import { tryRelease } from './try-release.ts'

/**
 * Tries a release and its way back on a private copy of the database: up, the old release on the new schema, the new release
 * writing rows, down. Nothing of it reaches what serves. The copy is dropped and the trial instances are gone at the end,
 * however it ends; what a kill leaves, the next rehearsal removes.
 * @throws OperatorError REHEARSAL_NEEDS_CHECKPOINT, CHECKPOINT_NOT_GOOD, REHEARSAL_FAILED (it could not go up), INTERRUPTED
 */
export async function rehearse(ports: RehearsalPorts, request: RehearseRequest): Promise<Proof> {
  const { release, back, signal } = request
  const started = ports.clock.now()
  const checkpoint = await findCheckpoint(ports, request)
  const runtime = await ports.runtime.available('look')
  if (!runtime.ok && !runtime.startable)
    throw new OperatorError(runtime.code, { detail: runtime.detail, fix: runtime.fix })
  try {
    request.onPhase?.(`restoring ${checkpoint.id} into a copy`)
    return await ports.trials.withCopy(checkpoint, { signal }, async (copy) => {
      if (copy.kind === 'full') await refuseDifferent(ports, copy, checkpoint)
      await prepareRuntime(ports)
      const findings = await findOut(ports, request, copy)
      return {
        release,
        back,
        at: new Date(started).toISOString(),
        ms: ports.clock.now() - started,
        copy: { kind: copy.kind, checkpoint: checkpoint.id, why: copy.why },
        ...findings,
      }
    })
  } catch (error) {
    throw signal.aborted ? new OperatorError('INTERRUPTED', { step: 'rehearse' }, { cause: error }) : error
  }
}

async function findCheckpoint(
  ports: RehearsalPorts,
  { service, checkpoint }: RehearseRequest,
): Promise<Checkpoint> {
  const found =
    checkpoint === null ? await ports.checkpoints.newestGood() : await ports.checkpoints.get(checkpoint)
  if (found === null) throw new OperatorError('REHEARSAL_NEEDS_CHECKPOINT', { service })
  return found
}

/** Up, and without what a rehearsal that was killed has left running. */
async function prepareRuntime({ runtime }: RehearsalPorts): Promise<void> {
  const there = await runtime.available('look')
  if (there.ok) await runtime.stopOthers([], 0)
  else await runtime.bringUp()
}

/** The restore has proven the checkpoint, or shown that it is none. */
async function refuseDifferent(
  ports: RehearsalPorts,
  copy: TrialCopy,
  checkpoint: Checkpoint,
): Promise<void> {
  const started = ports.clock.now()
  const { content } = await copy.content([])
  const differences = compareContent(checkpoint.content, content, { reparsed: true })
  const restoreMs = copy.restoreMs ?? 0
  await ports.checkpoints.noteTrial({
    checkpoint: checkpoint.id,
    at: new Date(started).toISOString(),
    ok: differences.length === 0,
    differences,
    restoreMs,
    ms: restoreMs + ports.clock.now() - started,
  })
  if (differences.length === 0) return
  const detail = differences.slice(0, 3).join('; ')
  throw new OperatorError(
    'CHECKPOINT_NOT_GOOD',
    { checkpoint: checkpoint.id, detail },
    { details: differences },
  )
}

async function findOut(ports: RehearsalPorts, request: RehearseRequest, copy: TrialCopy): Promise<Findings> {
  const release = await describeMigrations(ports, request, copy, request.release)
  const back = request.back === null ? null : await describeMigrations(ports, request, copy, request.back)
  let route: Route
  try {
    route = await chooseRoute(ports, request, copy, { release, back })
    if (route.kind === 'pending') return await rehearsePending(ports, request, copy, route)
    if (route.kind === 'partly') {
      request.onPhase?.('applying its migrations')
      await goUp(ports, request, copy, route)
    }
  } catch (error) {
    throw refusedUp(error, request.release)
  }
  if (route.kind !== 'unchanged') return rehearseApplied(ports, request, copy, route)
  request.onPhase?.(`trying ${request.release}`)
  return {
    up: [],
    oldCodeOnNewSchema: null,
    newRelease: await tryRelease(ports, request, copy, request.release),
    down: { kind: 'not needed', why: null, ms: null, lost: [], differences: [] },
  }
}

/** The way down is judged where it is tried; what a migration tool refuses beyond that, it refuses on the way up. */
function refusedUp(error: unknown, release: ReleaseId): unknown {
  if (!isOperatorError(error) || !/^MIGRATION/.test(error.code) || error.code === 'MIGRATIONS_BUSY')
    return error
  return new OperatorError(
    'REHEARSAL_FAILED',
    { release, detail: messageOf(error).replace(/\.$/, '') },
    { cause: error, details: error.details },
  )
}
