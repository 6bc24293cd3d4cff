import { isReleaseId } from '../domain/names.ts'
import { describeTrouble, type Proof, wayBack } from '../domain/proof.ts'
import { lastKnownGood, type Release, type ReleaseId } from '../domain/release.ts'
import { findRelease, type ServiceState } from '../domain/service-state.ts'
import { isOperatorError, OperatorError } from '../errors/operator-error.ts'
import { databaseOf } from '../executor/database-of.ts'
import { eventOf } from '../executor/step-ports.ts'
import { matchReleases, requireRelease } from '../planner/choose-target.ts'
import type { ResolvedCommit } from '../ports/source.ts'
import { rehearse } from '../rehearse/rehearse.ts'
import { proofLines } from '../render/proof-text.ts'
import { buildForRehearsal } from './build-for-rehearsal.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'
import { untilInterrupted } from './until-interrupted.ts'

/**
 * The way back from a release, or from a commit that is built for it, tried on a copy of the database. It changes nothing
 * that serves, so it takes no lease: a rollback in the middle of it has to wait for nobody.
 */
export async function run(input: CommandInput): Promise<CommandResult> {
  const name = input.args.ref ?? null
  // A release keeps the configuration it is built with: it must be one that is valid today.
  const session = await input.open({ write: true, fresh: name !== null && !isReleaseId(name) })
  return untilInterrupted(input, async (signal) => {
    const { checkpoint } = input.options
    const wanted = typeof checkpoint === 'string' ? checkpoint : null
    await requireCheckpoint(session, wanted)
    const release = await chooseRelease(input, session, name, signal)
    const state = await session.state()
    const back = chooseBack(state, release.id)
    input.screen.line(`Rehearsing ${release.id} and the way back to ${back ?? 'nothing'} on a copy:`)
    const proof = await rehearse(portsOf(session), {
      service: session.service,
      release: release.id,
      back,
      checkpoint: wanted,
      signal,
      onPhase: (phase) => input.screen.line(`  ${phase} ...`, 'dim'),
    })
    const { actor, clock } = session
    const data = { release: release.id, proof }
    await session.journal.append([
      eventOf({ actor, clock, state }, 'WaysBackRehearsed', `release/${release.id}`, data),
    ])
    input.screen.lines(proofLines(proof, input.screen))
    const error = judge(proof)
    return { exit: error?.exit ?? 0, document: { proof, wayBack: wayBack(proof) }, ...(error && { error }) }
  })
}

/** Nothing is built for a rehearsal that cannot be. */
async function requireCheckpoint(session: Session, name: string | null): Promise<void> {
  const { checkpoints } = databaseOf(session)
  if (name !== null) await checkpoints.get(name)
  else if ((await checkpoints.newestGood()) === null)
    throw new OperatorError('REHEARSAL_NEEDS_CHECKPOINT', { service: session.service })
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

/** What a tag or a branch means today decides, not what was once deployed by that name. */
async function chooseRelease(
  input: CommandInput,
  session: Session,
  name: string | null,
  signal: AbortSignal,
): Promise<Release> {
  const state = await session.state()
  if (name === null) {
    const live = findRelease(state, state.live)
    if (live === null) throw new OperatorError('NOTHING_LIVE', { service: state.service })
    return live
  }
  if (isReleaseId(name)) return namedRelease(state, name)
  let commit: ResolvedCommit
  try {
    commit = await session.source.resolve(session.configuration, name)
  } catch (error) {
    // A version, or a repository that nothing can be built from now: what is built already can be tried all the same.
    if (isOperatorError(error) && matchReleases(state.releases, name).length > 0)
      return namedRelease(state, name)
    throw error
  }
  const built = state.releases.findLast(
    (release) => release.commit === commit.commit && release.retiredAt === null && !release.adopted,
  )
  return built ?? buildForRehearsal(input, session, commit, signal)
}

function namedRelease(state: ServiceState, name: string): Release {
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
