import { setTimeout as pause } from 'node:timers/promises'
import type { Lab } from '../../lab/open-lab.ts'
import { openStoreService } from '../../lab/store-service.ts'
import type { Report } from '../report.ts'
import { median, spread } from '../statistics.ts'
import { markdownTable } from '../table.ts'
import { type Loader, openLoader } from './loader.ts'
import { type RunningStore, startStore } from './stores.ts'

const TARGET_PERCENT = 2
const CONNECTIONS = 8
const PRESS_MS = 2_000
const REST_MS = 200

type Measured = { perSecond: number; cpuUsPerRequest: number | null }
type Pair = { without: Measured; with: Measured }

/** Two stores, alike but for the agent, pressed in turn. In a pair each comes first once, so that a drift hits both alike. */
export async function benchAgent(lab: Lab, { runs = 7 }: { runs?: number }): Promise<Report> {
  const store = await openStoreService(lab)
  await store.run('npm', ['run', 'build'])
  const plain = await startStore(store, store.repo, false)
  const agent = await startStore(store, store.repo, true)
  const loader = openLoader()
  lab.onClose(loader.end)
  // Until the compiler has seen enough of both.
  for (const each of [plain, agent, plain, agent]) await measure(loader, each)

  const pairs: Pair[] = []
  for (let run = 0; run < runs; run++) {
    const [first, second] = run % 2 === 0 ? [plain, agent] : [agent, plain]
    const found = new Map<RunningStore, Measured[]>([
      [first, []],
      [second, []],
    ])
    for (const each of [first, second, second, first]) found.get(each)?.push(await measure(loader, each))
    const [without, withAgent] = [plain, agent].map((each) => combine(found.get(each) ?? []))
    if (without === undefined || withAgent === undefined) throw new Error('a measurement is missing')
    pairs.push({ without, with: withAgent })
    console.log(
      `pair ${run + 1} of ${runs}  without ${Math.round(without.perSecond)}/s, with ${Math.round(withAgent.perSecond)}/s`,
    )
  }
  return reportAgent(pairs)
}

async function measure(loader: Loader, { url, cpuMs }: RunningStore): Promise<Measured> {
  const before = await cpuMs()
  const { requests, failed, ms } = await loader.press({ url, connections: CONNECTIONS, ms: PRESS_MS })
  const after = await cpuMs()
  if (failed > 0) throw new Error(`${failed} of ${requests} requests failed`)
  await pause(REST_MS)
  const cpuUsPerRequest = before === null || after === null ? null : ((after - before) * 1000) / requests
  return { perSecond: (requests * 1000) / ms, cpuUsPerRequest }
}

const average = (values: number[]) => values.reduce((total, value) => total + value, 0) / values.length

function combine(measured: Measured[]): Measured {
  const cpu = measured.flatMap(({ cpuUsPerRequest }) => cpuUsPerRequest ?? [])
  return {
    perSecond: average(measured.map(({ perSecond }) => perSecond)),
    cpuUsPerRequest: cpu.length === 0 ? null : average(cpu),
  }
}

function reportAgent(pairs: Pair[]): Report {
  const cost = pairs.map((pair) => (1 - pair.with.perSecond / pair.without.perSecond) * 100)
  const cpu = pairs.map(
    (pair) => ((pair.with.cpuUsPerRequest ?? 0) / (pair.without.cpuUsPerRequest ?? 0) - 1) * 100,
  )
  const middle = median(cost)
  const column = (which: keyof Pair) => [
    spread(pairs.map((pair) => pair[which].perSecond)),
    spread(pairs.map((pair) => pair[which].cpuUsPerRequest ?? Number.NaN)),
  ]
  return {
    bench: 'agent',
    title: 'Agent',
    lines: [
      `One process of the store, ${CONNECTIONS} connections that ask for \`/categories\` without a pause, ${pairs.length} pairs with and without`,
      'the agent, in alternating order. Median (least-most).',
      '',
      ...markdownTable([
        ['', 'requests/s', 'processor time a request, µs'],
        ['without agent', ...column('without')],
        ['with agent', ...column('with')],
        ['cost in a pair, %', spread(cost, 1), spread(cpu, 1)],
      ]),
      '',
      `Target: throughput costs ${TARGET_PERCENT} % at most: ${middle <= TARGET_PERCENT ? 'met' : 'NOT met'}.`,
    ],
    document: { bench: 'agent', pairs, costPercent: cost, medianCostPercent: middle },
  }
}
