import { machineEnvironment } from '../domain/machine-environment.ts'
import type { Environment } from '../domain/replace-variables.ts'
import type { Advisory } from '../ports/advisories.ts'
import type { CommandRunner } from '../ports/command-runner.ts'
import { asMap, mapsIn, textIn } from './json.ts'
import type { Matched } from './match-osv.ts'
import type { InstalledPackage } from './read-lockfile.ts'
import { severityWord } from './severity.ts'

const SOURCE = 'npm audit'
const TIMEOUT_MS = 60_000

/** Asks the registry about the lockfile. It writes nothing; a registry that is away is a problem, and no evidence. */
export async function npmAudit(
  folder: string,
  packages: readonly InstalledPackage[],
  { runner, env }: { runner: CommandRunner; env: Environment },
): Promise<Matched> {
  const { outcome, stdout, stderr } = await runner.run({
    program: 'npm',
    args: [
      'audit',
      '--json',
      '--package-lock-only',
      '--omit=dev',
      '--fetch-retries=1',
      '--fetch-retry-mintimeout=1000',
    ],
    cwd: folder,
    env: { ...machineEnvironment(env), npm_config_update_notifier: 'false', npm_config_logs_max: '0' },
    timeoutMs: TIMEOUT_MS,
  })
  if (outcome === 'not-found') return failed('there is no npm')
  if (outcome !== 'exited') return failed(`no answer within ${TIMEOUT_MS / 1_000} s`)
  return parseAudit(stdout, packages) ?? failed(firstLine(stderr) ?? 'its answer is no JSON')
}

/** Format 2, of npm 7 and newer. Null: it is none. Its exit code says whether something was found, not whether it ran. */
export function parseAudit(text: string, packages: readonly InstalledPackage[]): Matched | null {
  const report = asMap(parse(text))
  const error = asMap(report?.error)
  if (error !== null)
    return failed(
      textIn(error, 'summary') ?? textIn(report, 'message') ?? textIn(error, 'code') ?? 'it failed',
    )
  const vulnerabilities = asMap(report?.vulnerabilities)
  if (vulnerabilities === null) return null
  const versionAt = new Map(packages.map(({ place, version }) => [place, version]))
  const advisories = Object.values(vulnerabilities).flatMap((each): Advisory[] => {
    const vulnerability = asMap(each)
    const places = Array.isArray(vulnerability?.nodes) ? vulnerability.nodes.map(String) : []
    const versions = new Set(places.map((place) => versionAt.get(place) ?? null))
    // A text in `via` is a package further down, which has an entry of its own.
    return mapsIn(vulnerability?.via).flatMap((via) => {
      const severity = severityWord(textIn(via, 'severity'))
      const name = textIn(via, 'name')
      if (severity === null || name === null) return []
      return [...versions].flatMap((version) =>
        version === null
          ? []
          : [
              {
                id: idOf(textIn(via, 'url'), via.source),
                package: name,
                version,
                severity,
                title: textIn(via, 'title') ?? '',
                source: SOURCE,
              },
            ],
      )
    })
  })
  return { advisories, problems: [] }
}

/** `https://github.com/advisories/GHSA-xvch-5gv4-984h` -> its last part. */
function idOf(url: string | null, source: unknown): string {
  return (
    url
      ?.split('/')
      .filter((part) => part !== '')
      .at(-1) ?? `npm:${String(source)}`
  )
}

function failed(why: string): Matched {
  return { advisories: [], problems: [`${SOURCE}: ${why}`] }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function firstLine(text: string): string | null {
  return text.split('\n').find((line) => line.trim() !== '') ?? null
}
