import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stage } from './stage.ts'

/** One moment, and what each place says of it; null: it says nothing of it. */
export type Told = { moment: string; journal: string; places: Record<string, string | null> }

const MOMENTS = [
  { name: 'failing since', key: 'failingSince', message: 'Failing since', report: 'Failing since' },
  { name: 'detected', key: 'detected', message: 'Issue detected', report: 'Detected' },
  { name: 'acknowledged', key: 'acknowledged', message: 'Acknowledged', report: 'Acknowledged' },
  {
    name: 'rollback started',
    key: 'rollbackStarted',
    message: 'Rollback initiated',
    report: 'Rollback started',
  },
  { name: 'verified', key: 'verified', message: 'Rollback complete and verified', report: 'Verified' },
  { name: 'resolved', key: 'resolved', message: 'Resolved', report: 'Resolved' },
] as const

/** Reads the times out of what was written, and shows them side by side. `shown`: of `lastgood incident show`. */
export async function showTimes(stage: Stage, shown: Record<string, unknown>, kept: string): Promise<Told[]> {
  const { times } = shown.incident as { times: Record<string, string | null> }
  const read = (path: string) => readFile(join(kept, path), 'utf8')
  const [messages, page, report] = [
    await read('messages.jsonl'),
    await read('public/status.json'),
    await read('incidents/i1/report.md'),
  ]
  const last =
    messages
      .trim()
      .split('\n')
      .findLast((line) => line.includes('/resolved/')) ?? ''
  const told = MOMENTS.map(({ name, key, message, report: row }): Told => {
    const at = times[key] ?? ''
    return {
      moment: name,
      journal: at.slice(11, 19),
      places: {
        messages: new RegExp(`(\\d\\d:\\d\\d:\\d\\d) UTC - ${message}(?![a-z])`).exec(last)?.[1] ?? null,
        'status page': page.includes(`"${at}"`) ? at.slice(11, 19) : null,
        report: new RegExp(`\\| ${row} \\| \\S+ (\\S+) UTC`).exec(report)?.[1] ?? null,
      },
    }
  })
  const columns = ['journal', 'messages', 'status page', 'report']
  const row = (name: string, cells: string[]) =>
    `  ${name.padEnd(19)}${cells.map((cell) => cell.padEnd(14)).join('')}`.trimEnd()
  stage.line(stage.paint(row('UTC', columns), 'dim'))
  for (const { moment, journal, places } of told)
    stage.line(row(moment, [journal, ...Object.values(places).map((time) => time ?? '')]))
  return told
}

export function findDisagreements(told: readonly Told[]): string[] {
  return told.flatMap(({ moment, journal, places }) =>
    Object.entries(places).flatMap(([place, time]) =>
      // Who has it, customers are not told.
      time === journal || (time === null && place === 'status page' && moment === 'acknowledged')
        ? []
        : [`${place}: ${moment} at ${time}, and it was at ${journal}`],
    ),
  )
}
