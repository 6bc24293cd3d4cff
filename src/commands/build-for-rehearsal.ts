import { nextReleaseId, type Release } from '../domain/release.ts'
import { findRelease, usedReleaseIds } from '../domain/service-state.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { buildCommit } from '../executor/handlers/build-release.ts'
import { eventOf } from '../executor/step-ports.ts'
import type { ResolvedCommit } from '../ports/source.ts'
import { takeLease } from './run-plan.ts'
import type { CommandInput, Session } from './session.ts'

/**
 * The commit as a release that stays `built`: as a deploy would build it, put out by nobody, and taken by retention. The
 * lease is only held to get an id: a rollback in the middle of the build has to wait for nobody.
 */
export async function buildForRehearsal(
  input: CommandInput,
  session: Session,
  commit: ResolvedCommit,
  signal: AbortSignal,
): Promise<Release> {
  const id = await beginBuild(session, commit)
  session.crash('rehearse/building')
  input.screen.line(
    `Building ${commit.commit.slice(0, 7)} (${commit.subject}) as ${id}, to try it only ...`,
    'dim',
  )
  const ports = session.stepPorts(await session.state())
  const { events = [] } = await buildCommit(ports, id, commit, { signal, onLine: () => {} })
  await session.journal.append(events)
  const release = findRelease(await session.state(), id)
  if (release === null) throw new OperatorError('INTERNAL', { detail: `${id} was built and is not known` })
  return release
}

async function beginBuild(session: Session, { commit, ref }: ResolvedCommit): Promise<string> {
  const { journal, actor, clock } = session
  const lease = await takeLease(session, `name a release for ${ref}`)
  try {
    const state = await session.state()
    const release = nextReleaseId(usedReleaseIds(state))
    const facts = { release, commit, ref }
    const started = eventOf({ actor, clock, state }, 'ReleaseBuildStarted', `release/${release}`, facts)
    await journal.append([started], lease)
    return release
  } finally {
    await journal.release(lease)
  }
}
