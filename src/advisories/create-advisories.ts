import { basename } from 'node:path'
import type { Environment } from '../domain/replace-variables.ts'
import type { Advisories, Advisory } from '../ports/advisories.ts'
import type { CommandRunner } from '../ports/command-runner.ts'
import { type Matched, matchOsv, versionsByName } from './match-osv.ts'
import { npmAudit } from './npm-audit.ts'
import { readLockfile } from './read-lockfile.ts'
import { readOsv } from './read-osv.ts'
import { SEVERITIES } from './severity.ts'

const MOST_PROBLEMS = 10

/** What is known against what a release brings: from files that were given, and from the registry where that is wanted. */
export function createAdvisories(parts: { runner: CommandRunner; env: Environment }): Advisories {
  return {
    async check(folder, { audit, advisories: path, level }) {
      if (!audit && path === null) return { advisories: [], problems: [] }
      const lockfile = await readLockfile(folder)
      if (!lockfile.ok) return { advisories: [], problems: [lockfile.problem] }
      const { packages } = lockfile
      const found: Matched = { advisories: [], problems: [] }
      const take = ({ advisories, problems }: Matched) => {
        found.advisories.push(...advisories)
        found.problems.push(...problems)
      }
      const versions = versionsByName(packages)
      if (path !== null)
        for await (const read of readOsv(path)) {
          if ('problem' in read) found.problems.push(read.problem)
          else take(matchOsv(read.entries, versions, basename(read.file)))
        }
      if (audit) take(await npmAudit(folder, packages, parts))
      const least = SEVERITIES.indexOf(level)
      return {
        advisories: once(found.advisories)
          .filter(({ severity }) => rank(severity) >= least)
          .sort((a, b) => rank(b.severity) - rank(a.severity) || a.id.localeCompare(b.id)),
        problems: shorten(found.problems),
      }
    },
  }
}

const rank = (severity: Advisory['severity']) => SEVERITIES.indexOf(severity)

/** The same from two sources is one. */
function once(advisories: readonly Advisory[]): Advisory[] {
  const byKey = new Map<string, Advisory>()
  for (const each of advisories) {
    const key = `${each.id} ${each.package} ${each.version}`
    if (!byKey.has(key)) byKey.set(key, each)
  }
  return [...byKey.values()]
}

function shorten(problems: string[]): string[] {
  if (problems.length <= MOST_PROBLEMS) return problems
  return [...problems.slice(0, MOST_PROBLEMS), `and ${problems.length - MOST_PROBLEMS} more like these`]
}
