import semver from 'semver'
import type { Advisory } from '../ports/advisories.ts'
import { asList, asMap, type JsonMap, mapsIn, textIn } from './json.ts'
import type { InstalledPackage } from './read-lockfile.ts'
import { severityOf } from './severity.ts'

export interface Matched {
  advisories: Advisory[]
  problems: string[]
}

export type VersionsByName = ReadonlyMap<string, ReadonlySet<string>>

export function versionsByName(packages: readonly InstalledPackage[]): VersionsByName {
  const versions = new Map<string, Set<string>>()
  for (const { name, version } of packages)
    versions.set(name, (versions.get(name) ?? new Set<string>()).add(version))
  return versions
}

/** What entries in OSV format (https://ossf.github.io/osv-schema/) say about these packages. */
export function matchOsv(entries: readonly JsonMap[], versions: VersionsByName, source: string): Matched {
  const matched: Matched = { advisories: [], problems: [] }
  for (const entry of entries) {
    const id = textIn(entry, 'id') ?? 'an entry without id'
    if (textIn(entry, 'withdrawn') !== null) continue
    const hits = new Set<string>()
    for (const affected of mapsIn(entry.affected)) {
      const about = asMap(affected.package)
      const name = textIn(about, 'name')
      if (name === null || textIn(about, 'ecosystem')?.toLowerCase() !== 'npm') continue
      for (const version of versions.get(name) ?? []) {
        const verdict = isAffected(version, affected)
        if (typeof verdict === 'string') matched.problems.push(`${source}: ${id}: ${verdict}`)
        else if (verdict) hits.add(`${name}\n${version}`)
      }
    }
    if (hits.size === 0) continue
    const severity = severityOf(entry)
    if (severity === null) matched.problems.push(`${source}: ${id} has no severity and is taken as high`)
    for (const hit of hits) {
      const [name = '', version = ''] = hit.split('\n')
      matched.advisories.push({
        id,
        package: name,
        version,
        severity: severity ?? 'high',
        title: textIn(entry, 'summary') ?? firstLine(textIn(entry, 'details')) ?? id,
        source,
      })
    }
  }
  return matched
}

/** A text says why nobody can tell. */
function isAffected(version: string, affected: JsonMap): boolean | string {
  if (asList(affected.versions).includes(version)) return true
  for (const range of mapsIn(affected.ranges)) {
    if (range.type !== 'SEMVER' && range.type !== 'ECOSYSTEM') continue
    if (semver.valid(version) === null) return `whether ${version} is meant cannot be told`
    const verdict = isInRange(version, mapsIn(range.events))
    if (verdict !== false) return verdict
  }
  return false
}

type Kind = 'introduced' | 'fixed' | 'last_affected'

/** Events in the order of their versions turn it on and off. */
function isInRange(version: string, events: readonly JsonMap[]): boolean | string {
  const turns: { kind: Kind; at: string }[] = []
  for (const event of events) {
    for (const kind of ['introduced', 'fixed', 'last_affected'] as const) {
      const text = textIn(event, kind)
      if (text === null) continue
      // "0" is before everything.
      const at = text === '0' ? '0.0.0-0' : semver.valid(text, { loose: true })
      if (at === null) return `${kind} is ${text}, which is no version`
      turns.push({ kind, at })
    }
  }
  turns.sort((a, b) => semver.compare(a.at, b.at))
  let affected = false
  for (const { kind, at } of turns) {
    const order = semver.compare(version, at)
    if (kind === 'introduced' && order >= 0) affected = true
    if (kind === 'fixed' && order >= 0) affected = false
    if (kind === 'last_affected' && order > 0) affected = false
  }
  return affected
}

function firstLine(text: string | null): string | null {
  return (
    text
      ?.split('\n')
      .find((line) => line.trim() !== '')
      ?.slice(0, 200) ?? null
  )
}
