import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Lab } from '../../lab/open-lab.ts'
import { startWatch } from '../../lab/start-watch.ts'
import { CHECK_OUT, openStoreService, type StoreService } from '../../lab/store-service.ts'
import { seededRandom } from '../../lab/traffic/random.ts'
import { hasFailed } from '../../lab/traffic/sample.ts'
import { startTraffic } from '../../lab/traffic/start-traffic.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import type { JournalEvent } from '../../src/domain/event.ts'
import type { Report } from '../report.ts'
import { PROBE_PERIOD_MS } from './scenario.ts'

type Options = { minutes: number; rate: number }

const PAUSE_MS = { least: 150, most: 800 }
const BETWEEN_PAUSES_MS = 20_000
const STALL_SECONDS = 10
/** One in each such part of the time, in its middle. */
const STALL_EVERY_MINUTES = 20

/** Healthy traffic for a long time, with everything that is no fault of a release: a judge under `act` must do nothing. */
export async function benchSoak(lab: Lab, { minutes, rate }: Options): Promise<Report> {
  const store = await openStoreService(lab, {
    bake: '30s',
    window: '500ms',
    watch: { policy: 'act', countdown: '0s', flows: [{ ...CHECK_OUT, every: `${PROBE_PERIOD_MS}ms` }] },
  })
  // Somewhere to go back to, so that nothing but the evidence keeps it from going.
  await store.document('deploy', 'good-1', '--yes')
  const traffic = await startTraffic({ url: store.url, rate })
  const watch = startWatch(store)
  await waitUntil(async () => (await store.document('status')).watcher !== null, {
    what: 'the watcher',
    timeoutMs: 30_000,
    everyMs: 500,
  })
  await store.document('deploy', 'good-2', '--yes')
  console.log(`watching for ${minutes} minutes`)
  const happened = await disturb(store, minutes * 60_000)
  const samples = await traffic.stop()
  const { stdout } = await store.lastgood('journal', 'export')
  const events: JournalEvent[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  await watch.kill('SIGINT')
  const of = (type: JournalEvent['type']) => events.filter((event) => event.type === type)
  const rollbacks = of('RunStarted').filter(({ data }) => 'verdict' in data && data.verdict !== undefined)
  const verdicts = of('VerdictReached').map(({ data }) => JSON.stringify(data))
  const findings = events.flatMap((event) =>
    event.type === 'FindingRecorded'
      ? [`${event.at} ${event.data.finding.trigger}: ${event.data.finding.summary}`]
      : [],
  )
  const figures = {
    minutes,
    requests: samples.length,
    failed: samples.filter(hasFailed).length,
    ...happened,
    findings: findings.length,
    verdicts: verdicts.length,
    rollbacks: rollbacks.length,
  }
  return {
    bench: 'soak',
    title: 'Soak',
    lines: [
      `Two healthy releases of the store under ${rate} requests/s for ${minutes} minutes, \`lastgood watch\` with the policy act and`,
      `no countdown. ${happened.pauses} times an instance was stopped for ${PAUSE_MS.least} to ${PAUSE_MS.most} ms, as by a garbage collection, and ${happened.stalls} times`,
      `every table was locked for ${STALL_SECONDS} s. ${figures.requests} requests, ${figures.failed} failed.`,
      '',
      `Findings ${figures.findings}, verdicts ${figures.verdicts}, **rollbacks ${figures.rollbacks}**.`,
      ...findings.map((finding) => `- ${finding}`),
    ],
    document: { bench: 'soak', ...figures, list: findings },
  }
}

async function disturb(store: StoreService, ms: number): Promise<{ pauses: number; stalls: number }> {
  const random = seededRandom(7)
  const end = Date.now() + ms
  const stallMs = STALL_EVERY_MINUTES * 60_000
  let nextStall = Date.now() + Math.min(stallMs, ms) / 2
  let pauses = 0
  let stalls = 0
  while (Date.now() < end) {
    await pause(Math.min(BETWEEN_PAUSES_MS * 2 * random(), Math.max(0, end - Date.now())))
    if (Date.now() >= nextStall) {
      await stall(store.databaseUrl)
      stalls += 1
      nextStall += stallMs
    }
    const { instances } = (await store.document('status')) as { instances: { id: string }[] }
    const pid = Number(instances[Math.floor(random() * instances.length)]?.id)
    if (!Number.isInteger(pid)) continue
    process.kill(pid, 'SIGSTOP')
    await pause(PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least))
    process.kill(pid, 'SIGCONT')
    pauses += 1
  }
  return { pauses, stalls }
}

/** Whoever wants to read or write waits. */
async function stall(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(
      `BEGIN; LOCK TABLE products, categories, users, sessions, orders, order_items IN ACCESS EXCLUSIVE MODE;
       SELECT pg_sleep(${STALL_SECONDS}); COMMIT`,
    )
  } finally {
    await client.end()
  }
}
