import { compareMigrations } from '../../domain/migration.ts'
import { describeLost, describeTrouble, type Proof, wayBack } from '../../domain/proof.ts'
import { messageOf, OperatorError } from '../../errors/operator-error.ts'
import { rehearse as rehearseRelease } from '../../rehearse/rehearse.ts'
import { databaseOf, filesOf, type Parts, schemaOf } from '../database-of.ts'
import type { StepHandler, StepResult } from '../step-handler.ts'
import { eventOf, type StepPorts } from '../step-ports.ts'

/**
 * What the release brings is tried on a copy before anything of the live database changes. A release without a way back is
 * refused, unless somebody has said that it is to go out all the same.
 */
export function rehearse(ports: StepPorts): StepHandler {
  return {
    async observe() {
      return 'todo'
    },
    async run(step, context) {
      const { release, from } = step.params
      const pending = await pendingOf(ports, release)
      const brought = await broughtBy(ports, release, from)
      if (pending.length === 0 && brought.length === 0) return { evidence: { pending: 0 } }
      const { trials, checkpoints, migrations } = databaseOf(ports)
      const { store, prober, clock, crash } = ports
      const proof = await rehearseRelease(
        { trials, checkpoints, migrations, store, runtime: ports.rehearsalRuntime, prober, clock, crash },
        {
          service: ports.state.service,
          release,
          back: from,
          checkpoint: null,
          signal: context.signal,
          onPhase: context.onLine,
        },
      )
      // What was found stays true when it is why nothing goes out.
      await context.record(eventOf(ports, 'WaysBackRehearsed', `release/${release}`, { release, proof }))
      // Nothing of the live database has changed yet: better now than after its migrations.
      if (proof.newRelease.outcome === 'failed') {
        const detail = describeTrouble(proof.newRelease) ?? 'it did not pass its checks'
        throw new OperatorError('REHEARSAL_FAILED', { release, detail })
      }
      const { ok, because } = wayBack(proof)
      if (!ok && step.params.withoutWayBack !== true)
        throw new OperatorError('NO_WAY_BACK', { release, because })
      return result(proof, pending)
    },
    /** Of one that was killed; else there is nothing. What cannot be removed harms nobody: the next rehearsal does it. */
    async undo() {
      try {
        const dropped = await databaseOf(ports).trials.dropStrays()
        const { rehearsalRuntime: runtime } = ports
        if ((await runtime.available('look')).ok) await runtime.stopOthers([], 0)
        return { evidence: { dropped: dropped.join(' ') || 'nothing was left' } }
      } catch (error) {
        return { evidence: { notCleared: messageOf(error) } }
      }
    },
  }
}

async function pendingOf(parts: Parts, release: string): Promise<string[]> {
  const schema = await schemaOf(parts, release)
  if (schema === null) return []
  const files = await filesOf(parts, release)
  const applied = await databaseOf(parts).migrations.applied(schema, { files })
  return compareMigrations(applied, schema.migrations).pending
}

/**
 * Beyond what serves. They may be applied already, left by a deploy that failed or by a rollback of the code alone: whether
 * there is a way back from this release is known as little as if they were not.
 */
async function broughtBy(parts: Parts, release: string, from: string | null): Promise<string[]> {
  if (from === null) return []
  const [ours, theirs] = [await schemaOf(parts, release), await schemaOf(parts, from)]
  // Not known is not empty.
  if (ours === null || theirs === null) return []
  const there = new Set(theirs.migrations.map(({ name }) => name))
  return ours.migrations.map(({ name }) => name).filter((name) => !there.has(name))
}

function result(proof: Proof, pending: readonly string[]): StepResult {
  const { down, ms, oldCodeOnNewSchema } = proof
  return {
    evidence: {
      pending: pending.length,
      oldCodeOnNewSchema: oldCodeOnNewSchema?.outcome ?? 'nothing serves',
      down: down.lost.length === 0 ? down.kind : `${down.kind}: ${describeLost(down.lost)}`,
      rehearsalMs: ms,
    },
  }
}
