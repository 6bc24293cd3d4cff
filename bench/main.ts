import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Lab, openLab } from '../lab/open-lab.ts'
import { benchAgent } from './agent/bench-agent.ts'
import { benchDetect } from './detect/bench-detect.ts'
import { benchJournal } from './journal/bench-journal.ts'
import { publish, type Report } from './report.ts'
import { benchRestore } from './restore/bench-restore.ts'
import { RESTORE_WAYS } from './restore/way.ts'
import { BENCH_RUNTIMES, type BenchRuntime, benchRollback } from './rollback/bench-rollback.ts'
import { COMPOSE_WAY_NAMES, SWARM_WAY_NAMES, WAY_NAMES } from './rollback/way.ts'
import { benchStatus } from './status/bench-status.ts'
import { benchSoak } from './watch/bench-soak.ts'
import { benchWatch } from './watch/bench-watch.ts'
import { JUDGES } from './watch/judges.ts'

const USAGE = `usage: npm run bench -- rollback | agent | status | journal | restore | watch | soak | detect [options]

  --runs N      runs of each way (5; restore, watch 3), pairs (7), calls (20), or simulated
                runs of a cell (300)
  --others N    rollback: runs of every way that is not lastgood's (as many)
  --rate N      rollback, soak: requests a second (200)
  --ways A,B    only these. rollback: ${WAY_NAMES.join(', ')};
                on Compose: ${COMPOSE_WAY_NAMES.join(', ')};
                on a swarm: ${SWARM_WAY_NAMES.join(', ')};
                restore: ${RESTORE_WAYS.join(', ')};
                watch: ${JUDGES.join(', ')}
  --runtime R   rollback: ${BENCH_RUNTIMES.join(', ')} (pm2)
  --router R    rollback on Compose: haproxy or caddy (haproxy)
  --minutes N   soak: how long (60)
  --sizes A,B   restore: sizes of the database (100MB,1GB,4GB)
  --json FILE   the figures of every run
  --docs FILE   where the section goes (docs/benchmarks.md)`

type Options = {
  runs?: number
  others?: number
  rate: number
  ways: string[] | null
  sizes: string
  minutes: number
  runtime: BenchRuntime
  router: 'haproxy' | 'caddy'
}

const BENCHES: Record<string, (lab: Lab, options: Options) => Promise<Report>> = {
  rollback: benchRollback,
  agent: benchAgent,
  status: benchStatus,
  journal: benchJournal,
  restore: benchRestore,
  watch: benchWatch,
  soak: benchSoak,
  detect: benchDetect,
}

const { name, options, docs, json } = readArguments()
const bench = BENCHES[name]
if (bench === undefined) fail(`there is no bench "${name}"`)

let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => (interrupted = true))
const lab = await openLab({ name: 'bench' })
try {
  await publish(await bench(lab, options), docs, json)
} catch (error) {
  process.exitCode = 1
  // What fails because its server was just ended is no news.
  if (!interrupted) console.error(error)
} finally {
  await lab.close()
}
// The lab's own signal handler ends the process, with the signal's exit code.
if (interrupted) await new Promise(() => {})

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        runs: { type: 'string' },
        others: { type: 'string' },
        rate: { type: 'string', default: '200' },
        ways: { type: 'string' },
        minutes: { type: 'string', default: '60' },
        sizes: { type: 'string', default: '100MB,1GB,4GB' },
        runtime: { type: 'string', default: 'pm2' },
        router: { type: 'string', default: 'haproxy' },
        json: { type: 'string' },
        docs: { type: 'string', default: fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url)) },
      },
    })
    const runs = values.runs === undefined ? {} : { runs: wholeNumber('--runs', values.runs) }
    const others = values.others === undefined ? {} : { others: wholeNumber('--others', values.others) }
    const options: Options = {
      ...runs,
      ...others,
      rate: wholeNumber('--rate', values.rate),
      ways: values.ways?.split(',') ?? null,
      sizes: values.sizes,
      minutes: wholeNumber('--minutes', values.minutes),
      runtime: oneOf('--runtime', values.runtime, BENCH_RUNTIMES),
      router: oneOf('--router', values.router, ['haproxy', 'caddy']),
    }
    const name = positionals[0] ?? ''
    const known: readonly string[] = waysOf(name, options)
    const unknown = options.ways?.find((way) => !known.includes(way))
    if (unknown !== undefined) fail(`there is no way "${unknown}"`)
    return { name, options, docs: values.docs, json: values.json }
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

function waysOf(bench: string, { runtime }: Options): readonly string[] {
  if (bench === 'restore') return RESTORE_WAYS
  if (bench === 'watch') return JUDGES
  return { pm2: WAY_NAMES, compose: COMPOSE_WAY_NAMES, swarm: SWARM_WAY_NAMES }[runtime]
}

function oneOf<const Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  return (
    names.find((name) => name === text) ?? fail(`${option} must be one of ${names.join(', ')}, not "${text}"`)
  )
}

function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) fail(`${option} must be a whole number above 0, not "${text}"`)
  return Number(text)
}

function fail(problem: string): never {
  console.error(`${problem}\n\n${USAGE}`)
  process.exit(2)
}
