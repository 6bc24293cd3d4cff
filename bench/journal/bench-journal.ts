import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Lab } from '../../lab/open-lab.ts'
import { run as runProgram } from '../../lab/run.ts'
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { badReleaseFacts, newEventsOf } from '../../test/support/incident-journal.ts'
import type { Report } from '../report.ts'
import { median, spread } from '../statistics.ts'
import { markdownTable } from '../table.ts'

const EVENTS = 100_000
const TARGET_MS = 2_000
const TARGET_MB = 300
const PROGRAM = fileURLToPath(new URL('../../dist/program.cjs', import.meta.url))

/** What a command says of itself at its end. */
const WITNESS = `process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  require('node:fs').writeFileSync(process.env.WITNESS, JSON.stringify({ maxRSS, cpu: userCPUTime + systemCPUTime }))
})\n`

/** A journal of ten years: a bad release twice a day, found, rolled back and resolved, sixteen events each. */
export async function benchJournal(lab: Lab, { runs = 10 }: { runs?: number }): Promise<Report> {
  const home = join(lab.dir, 'home')
  const incidents = await fillJournal(home)
  const configuration = join(lab.dir, 'lastgood.yaml')
  await writeFile(
    configuration,
    'service: store\nurl: http://127.0.0.1:9\nruntime: { app: store, script: index.js, program: ./no-pm2, home: ./pm2 }\n',
  )
  await writeFile(join(lab.dir, 'witness.cjs'), WITNESS)
  const commands = [['status'], ['report', `i${incidents}`], ['incident', 'list'], ['metrics']]
  const figures = []
  for (const words of commands) figures.push(await measure(lab, words, home, configuration, runs))
  const [status, report] = figures
  const inTime = [status, report].every((figure) => figure !== undefined && median(figure.ms) <= TARGET_MS)
  const inMemory = figures.every(({ megabytes }) => Math.max(...megabytes) < TARGET_MB)
  return {
    bench: 'journal',
    title: 'A long journal',
    lines: [
      `A journal of ${EVENTS} events with ${incidents} incidents, each command a process of its own, ${runs} times: median`,
      '(least-most).',
      '',
      ...markdownTable([
        ['command', 'ms', 'of them processor', 'most memory, MB'],
        ...figures.map(({ name, ms, cpu, megabytes }) => [
          `\`${name}\``,
          spread(ms),
          spread(cpu),
          spread(megabytes),
        ]),
      ]),
      '',
      `Target: status and report within ${TARGET_MS} ms: ${inTime ? 'met' : 'NOT met'}; under ${TARGET_MB} MB: ${inMemory ? 'met' : 'NOT met'}.`,
    ],
    document: { bench: 'journal', events: EVENTS, incidents, runs, figures },
  }
}

async function measure(lab: Lab, words: string[], home: string, configuration: string, runs: number) {
  const ms: number[] = []
  const cpu: number[] = []
  const megabytes: number[] = []
  const witness = join(lab.dir, 'witness.json')
  const args = [
    '--require',
    join(lab.dir, 'witness.cjs'),
    PROGRAM,
    ...words,
    '--home',
    home,
    '--config',
    configuration,
  ]
  for (let n = 0; n < runs; n++) {
    const env = { ...lab.env, PATH: process.env.PATH ?? '', HOME: lab.dir, WITNESS: witness }
    const ran = await runProgram(process.execPath, args, { cwd: lab.dir, env })
    if (ran.exitCode !== 0)
      throw new Error(`lastgood ${words.join(' ')} ended with ${ran.exitCode}\n${ran.stdout}`)
    const seen: { maxRSS: number; cpu: number } = JSON.parse(await readFile(witness, 'utf8'))
    ms.push(ran.ms)
    cpu.push(Math.round(seen.cpu / 1_000))
    megabytes.push(Math.round(seen.maxRSS / 1_000))
  }
  return { name: `lastgood ${words.join(' ')}`, ms, cpu, megabytes }
}

async function fillJournal(home: string): Promise<number> {
  let now = 0
  const journal = openSqliteJournal({ home, clock: { now: () => now } })
  const facts = badReleaseFacts()
  const start = Date.parse('2017-01-01T00:00:00.000Z')
  const incidents = Math.floor(EVENTS / facts.length)
  const template = JSON.stringify(newEventsOf(facts))
  for (let n = 0; n < incidents; n++) {
    // Twice a day another one: the same story under names and times of its own.
    const hour = new Date(start + n * 14 * 3_600_000).toISOString().slice(0, 14)
    const names: Record<string, string> = {
      r1: `r${2 * n + 1}`,
      r2: `r${2 * n + 2}`,
      f1: `f${n + 1}`,
      v1: `v${n + 1}`,
      i1: `i${n + 1}`,
      'run-1': `run-${n + 1}`,
      'incident/i1': `incident/i${n + 1}`,
    }
    const text = template
      .replace(/"(r1|r2|f1|v1|i1|run-1|incident\/i1)"/g, (_, name: string) => JSON.stringify(names[name]))
      .replaceAll('2026-03-01T03:', hour)
    now = Date.parse(`${hour}02:00.000Z`)
    await journal.append(JSON.parse(text))
  }
  await journal.close()
  return incidents
}
