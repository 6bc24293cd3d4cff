/** A release's permanent name within its service: `r1`, `r2`, ... in the order they were built. */
export type ReleaseId = string

/** What was built: an immutable artifact, the configuration it runs with, the schema it needs. */
export interface Release {
  id: ReleaseId
  service: string
  /** Full git commit, or null for an adopted folder that is not a git checkout. */
  commit: string | null
  /** What the operator asked for: a tag, a branch, `HEAD`. */
  ref: string
  /** First line of the commit message. */
  subject: string
  /** Version in the project's own package.json, or null. */
  version: string | null
  builtAt: string
  /** True when it was already serving before lastgood knew the service. */
  adopted: boolean
  /** Migration names this release brings, oldest first; null when the project has no migration folder we know. */
  migrations: string[] | null
  /** First start to "ready to take traffic", measured; null before it ever started. */
  bootMs: number | null
  firstLiveAt: string | null
  proven: Mark | null
  bad: Mark | null
  /** Files removed by retention; such a release can never be a target again. */
  retiredAt: string | null
}

/** Who said so, when, and why. */
export interface Mark {
  at: string
  actor: string
  reason: string
}

export type ReleaseState = 'built' | 'candidate' | 'live' | 'proven' | 'bad' | 'retired'

/** One word for the listing. What serves is `live` whatever else is known of it; the marks are shown beside it. */
export function releaseState(
  release: Release,
  live: ReleaseId | null,
  candidate: ReleaseId | null,
): ReleaseState {
  if (release.id === live) return 'live'
  if (release.retiredAt !== null) return 'retired'
  if (release.bad !== null) return 'bad'
  if (release.id === candidate) return 'candidate'
  return release.proven === null ? 'built' : 'proven'
}

/** Last known good: the newest proven release that nobody marked bad and whose files are kept. Never "the previous one". */
export function lastKnownGood(releases: readonly Release[]): Release | null {
  return releases.findLast(isGoodTarget) ?? null
}

export function isGoodTarget(release: Release): boolean {
  return release.proven !== null && release.bad === null && release.retiredAt === null
}

/** `r12` -> 12. */
export function releaseNumber(id: ReleaseId): number {
  return Number(id.slice(1))
}

/** Never used twice, not even when the build it was meant for failed. */
export function nextReleaseId(used: readonly ReleaseId[]): ReleaseId {
  return `r${used.reduce((highest, id) => Math.max(highest, releaseNumber(id)), 0) + 1}`
}

/** How a person names a release in a sentence: `r3 (v1.1.0, 4f2a1c9)`. */
export function describeRelease(release: Release): string {
  const details = [release.version === null ? null : `v${release.version}`, release.commit?.slice(0, 7)]
  const known = details.filter((detail) => detail !== null && detail !== undefined)
  return known.length === 0 ? release.id : `${release.id} (${known.join(', ')})`
}
