import { describeRelease, isGoodTarget, lastKnownGood, type Release } from '../domain/release.ts'
import type { ServiceState } from '../domain/service-state.ts'
import { type Refusal, refuse } from './refusal.ts'

/**
 * The release to go back to. Unnamed: the newest proven one that is not bad, whatever was "previous". Named: that one, if
 * it is proven, not bad, and its files are kept. Never what serves; but what should serve and is seen not to (`isDown`) is
 * brought back.
 */
export function chooseTarget(
  state: ServiceState,
  name: string | null,
  isDown: boolean,
): { target: Release } | { refused: Refusal } {
  if (state.live === null) return refuse('NOTHING_LIVE', { service: state.service })
  if (name !== null) return chooseNamed(state, name, isDown)

  const target = lastKnownGood(state.releases)
  if (target === null) {
    return refuse('NO_PROVEN_RELEASE', { service: state.service, live: state.live })
  }
  if (target.id === state.live && !isDown) return refuse('TARGET_IS_LIVE', { target: target.id })
  return { target }
}

function chooseNamed(
  state: ServiceState,
  name: string,
  isDown: boolean,
): { target: Release } | { refused: Refusal } {
  const named = requireRelease(state, name)
  if ('refused' in named) return named
  const target = named.release
  if (target.id === state.live && !isDown) return refuse('TARGET_IS_LIVE', { target: target.id })
  if (target.bad !== null) return refuse('TARGET_BAD', { target: target.id, reason: target.bad.reason })
  if (target.retiredAt !== null) {
    return refuse('RELEASE_FILES_GONE', {
      release: target.id,
      detail: `its files were removed by retention on ${target.retiredAt.slice(0, 10)}`,
      ref: target.commit ?? target.ref,
    })
  }
  if (!isGoodTarget(target)) return refuse('TARGET_NOT_PROVEN', { target: target.id })
  return { target }
}

/** By id, else by tag or branch as it was deployed, version, or at least four characters of the commit. */
export function matchReleases(releases: readonly Release[], name: string): Release[] {
  const byId = releases.filter((release) => release.id === name)
  if (byId.length > 0) return byId
  return releases.filter(
    (release) =>
      release.ref === name ||
      release.version === name.replace(/^v/, '') ||
      (name.length >= 4 && release.commit?.startsWith(name)),
  )
}

/** What is kept warm under `live`: the best release to go to from there. */
export function chooseStandby(state: ServiceState, live: string, leaving: string | null): Release | null {
  const candidates = state.releases.filter(
    (release) => release.id !== live && release.id !== leaving && isGoodTarget(release),
  )
  return lastKnownGood(candidates)
}

export function requireRelease(
  state: ServiceState,
  name: string,
): { release: Release } | { refused: Refusal } {
  const matches = matchReleases(state.releases, name)
  const [release] = matches
  if (release === undefined) {
    return refuse('UNKNOWN_RELEASE', { name, service: state.service, known: listIds(state.releases) })
  }
  if (matches.length > 1) {
    return refuse('AMBIGUOUS_RELEASE', {
      name,
      service: state.service,
      matches: matches.map(describeRelease).join(', '),
    })
  }
  return { release }
}

function listIds(releases: readonly Release[]): string {
  return releases.length === 0 ? 'none yet' : releases.map(({ id }) => id).join(', ')
}
