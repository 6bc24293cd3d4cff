import type { Report } from '../report.ts'
import { median, spread } from '../statistics.ts'
import { markdownTable } from '../table.ts'
import { CLIENTS, type RestoreRun } from './measure-restore.ts'
import { formatSize } from './size.ts'
import type { RestoreWay } from './way.ts'
import { ways } from './ways.ts'

export type SizeResult = { bytes: number; byWay: Map<RestoreWay, RestoreRun[]> }

const TARGET_MS = 150
const TARGET_SHARE = 100
const SHARE_AT_BYTES = 8e8

export function reportRestore(results: SizeResult[], runs: number, settings: Record<string, string>): Report {
  const rows = results.flatMap(({ bytes, byWay }) =>
    [...byWay].map(([way, done]) => [
      formatSize(bytes),
      way,
      spread(done.map(({ unavailableMs }) => unavailableMs)),
      spread(done.map(({ switchMs }) => switchMs)),
      spread(done.map(({ diskMs }) => diskMs)),
      spread(done.map(({ failedRequests }) => failedRequests)),
      spread(
        done.map(({ totalMs }) => totalMs / 1000),
        1,
      ),
      done.every(({ differences }) => differences.length === 0) ? 'yes' : 'NO',
    ]),
  )
  const head = [
    'size',
    'way',
    'unavailable, ms',
    'switch, ms',
    'disk, ms',
    'failed requests',
    'in all, s',
    'content equal',
  ]
  return {
    bench: 'restore',
    title: 'Restore',
    lines: [
      `The store's schema in a database of each size, damaged by a bad release, restored while ${CLIENTS} clients read and write,`,
      `${runs} times each way in turn: median (least-most). Unavailable is the longest time without a successful request of any`,
      'client, from the start of the restore to its end; "switch" is the same from the moment on in which the new database is',
      'ready, and "disk" the longest time that a write of 4 kB next to the database took. "In all" is the whole command, for',
      'lastgood with the comparison of every row to the manifest. Before each run the disk is let come to rest. The stop and start of',
      `the app itself are not counted for any way. PostgreSQL with ${Object.entries(settings)
        .map(([name, value]) => `${name}=${value}`)
        .join(', ')}.`,
      '',
      ...markdownTable([head, ...rows]),
      '',
      ...ways.map(({ name, does }) => `- \`${name}\`: ${does}`),
      '',
      ...judge(results),
    ],
    document: {
      bench: 'restore',
      sizes: results.map(({ bytes, byWay }) => ({
        bytes,
        ways: [...byWay].map(([way, done]) => ({
          way,
          unavailableMs: done.map(({ unavailableMs }) => unavailableMs),
          switchMs: done.map(({ switchMs }) => switchMs),
          diskMs: done.map(({ diskMs }) => diskMs),
          failedRequests: done.map(({ failedRequests }) => failedRequests),
          totalMs: done.map(({ totalMs }) => totalMs),
          contentEqual: done.every(({ differences }) => differences.length === 0),
        })),
      })),
    },
  }
}

function judge(results: SizeResult[]): string[] {
  const all = (way: RestoreWay) => results.flatMap(({ byWay }) => byWay.get(way) ?? [])
  const medians = (way: RestoreWay, of: 'unavailableMs' | 'switchMs' = 'unavailableMs') =>
    results.map(({ byWay }) => median((byWay.get(way) ?? []).map((run) => run[of])))
  const ours = (of: 'unavailableMs' | 'switchMs') => [
    ...medians('lastgood', of),
    ...medians('lastgood-pgbouncer', of),
  ]
  const large = results.findIndex(({ bytes }) => bytes >= SHARE_AT_BYTES)
  const share = (medians('runbook')[large] ?? Number.NaN) / (medians('lastgood')[large] ?? Number.NaN)
  const failed = all('lastgood-pgbouncer').reduce((sum, { failedRequests }) => sum + failedRequests, 0)
  const equal = [...all('lastgood'), ...all('lastgood-pgbouncer')].every(
    ({ differences }) => differences.length === 0,
  )
  const say = (target: string, met: boolean | null) =>
    `- ${target}: ${met === null ? 'not measured at that size' : met ? 'met' : 'NOT met'}`
  return [
    'Targets:',
    '',
    say(
      `median unavailable within ${TARGET_MS} ms at every size`,
      ours('unavailableMs').every((ms) => ms <= TARGET_MS),
    ),
    say(
      `the switch alone within ${TARGET_MS} ms at every size`,
      ours('switchMs').every((ms) => ms <= TARGET_MS),
    ),
    say(
      `within 1/${TARGET_SHARE} of the runbook at 1 GB${large < 0 ? '' : ` (1/${Math.round(share)})`}`,
      large < 0 ? null : share >= TARGET_SHARE,
    ),
    say(`no failed request through PgBouncer (${failed})`, failed === 0),
    say('content equal to the manifest', equal),
  ]
}
