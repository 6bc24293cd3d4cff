import { isGoodTarget, type Release, type ReleaseId, releaseNumber } from './release.ts'

/**
 * Which releases may lose their files, in the order in which they should: first what is no way back (bad or never proven)
 * and older than the newest `keep` of its kind, then good ones older than the last `keep`.
 *
 * Never among them: what serves, the last `keep` good releases (counted without the live one, so that there is always a way
 * back), and the newest release still waiting to be proven, which a deploy may be about to start.
 */
export function releasesToRetire(
  releases: readonly Release[],
  live: ReleaseId | null,
  keep: number,
): ReleaseId[] {
  const kept = Math.max(1, keep)
  const candidates = releases
    .filter((release) => release.retiredAt === null && release.id !== live)
    .sort((a, b) => releaseNumber(a.id) - releaseNumber(b.id))
  const waiting = candidates.findLast((release) => release.proven === null && release.bad === null)
  const good = candidates.filter(isGoodTarget)
  const others = candidates.filter((release) => !isGoodTarget(release))
  return [...others.slice(0, -kept), ...good.slice(0, -kept)]
    .map((release) => release.id)
    .filter((id) => id !== waiting?.id)
}
