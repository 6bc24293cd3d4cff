import { describeTrouble, type Proof, wayBack } from '../domain/proof.ts'
import { lastKnownGood, type Release, type ReleaseId } from '../domain/release.ts'
import { findRelease, type ServiceState } from '../domain/service-state.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { databaseOf } from '../executor/database-of.ts'
import { eventOf } from '../executor/step-ports.ts'
import { requireRelease } from '../planner/choose-target.ts'
import { rehearse } from '../rehearse/rehearse.ts'
import { proofLines } from '../render/proof-text.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'

/**
 * The way back from a release that is built, tried on a copy of the database. It changes nothing that serves, so it takes no
 * lease: a rollback in the middle of it has to wait for nobody.
 */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: true })
  databaseOf(session)
  const state = await session.state()
  const release = chooseRelease(state, input.args.release ?? null)
  const back = chooseBack(state, release.id)
  const { checkpoint } = input.options
  const abort = new AbortController()
  const stopListening = input.world.onInterrupt(() => abort.abort())
  input.screen.line(`Rehearsing ${release.id} and the way back to ${back ?? 'nothing'} on a copy:`)
  let proof: Proof
  try {
    proof = await rehearse(portsOf(session), {
      service: session.service,
      release: release.id,
      back,
      checkpoint: typeof checkpoint === 'string' ? checkpoint : null,
      signal: abort.signal,
      onPhase: (phase) => input.screen.line(`  ${phase} ...`, 'dim'),
    })
  } finally {
    stopListening()
  }
  const { actor, clock } = session
  const data = { release: release.id, proof }
  await session.journal.append([
    eventOf({ actor, clock, state }, 'WaysBackRehearsed', `release/${release.id}`, data),
  ])
  input.screen.lines(proofLines(proof, input.screen))
  const error = judge(proof)
  return { exit: error?.exit ?? 0, document: { proof, wayBack: wayBack(proof) }, ...(error && { error }) }
}

function portsOf(session: Session) {
  const { trials, checkpoints, migrations } = databaseOf(session)
  const { store, prober, clock, crash, rehearsalRuntime: runtime } = session
  return { trials, checkpoints, migrations, store, runtime, prober, clock, crash }
}

function judge(proof: Proof): OperatorError | null {
  const { release, newRelease } = proof
  const { ok, because } = wayBack(proof)
  if (newRelease.outcome === 'failed') {
    const detail = describeTrouble(newRelease) ?? 'it did not pass its checks'
    return new OperatorError('REHEARSAL_FAILED', { release, detail })
  }
  return ok ? null : new OperatorError('NO_WAY_BACK', { release, because })
}

function chooseRelease(state: ServiceState, name: string | null): Release {
  if (name === null) {
    const live = findRelease(state, state.live)
    if (live === null) throw new OperatorError('NOTHING_LIVE', { service: state.service })
    return live
  }
  const found = requireRelease(state, name)
  if ('refused' in found) throw new OperatorError(found.refused.code, found.refused.params)
  const { release } = found
  if (release.retiredAt === null) return release
  const detail = `its files were removed by retention on ${release.retiredAt.slice(0, 10)}`
  const ref = release.commit ?? release.ref
  throw new OperatorError('RELEASE_FILES_GONE', { release: release.id, detail, ref })
}

/** What would be gone back to: what serves, or from there the last known good. */
function chooseBack(state: ServiceState, release: ReleaseId): ReleaseId | null {
  if (release !== state.live) return state.live
  return lastKnownGood(state.releases.filter(({ id }) => id !== release))?.id ?? null
}
