import type { Lab } from '../../lab/open-lab.ts'
import { CHECK_OUT, openStoreService } from '../../lab/store-service.ts'
import { startTraffic } from '../../lab/traffic/start-traffic.ts'
import type { Report } from '../report.ts'
import { openWorkshop } from '../rollback/workshop.ts'
import { deployJudge, lastgoodJudge, runbookJudge, windowJudge } from './judges.ts'
import { type Judge, measureWatch, type WatchRun } from './measure-watch.ts'
import { reportWatch, type WatchResult } from './report-watch.ts'
import { PROBE_PERIOD_MS, SCENARIOS, type Scenario } from './scenario.ts'

type Options = { runs?: number; ways: string[] | null }

const RATES = [10, 100]
/** What the slowdown is judged against is as large as a few minutes of real life. */
const BASELINE = { rate: 100, seconds: '60s' }

/** Each bad release put out under traffic, and how long shoppers had bad answers until it was gone. */
export async function benchWatch(lab: Lab, { runs = 3, ways }: Options): Promise<Report> {
  const store = await openStoreService(lab, {
    smoke: [],
    bake: '60s',
    window: '500ms',
    watch: { policy: 'act', countdown: '0s', flows: [{ ...CHECK_OUT, every: `${PROBE_PERIOD_MS}ms` }] },
  })
  console.log('a good release serves, until there is something to compare with')
  const traffic = await startTraffic({ url: store.url, rate: BASELINE.rate })
  await store.document('deploy', 'good-2', '--watch', '--yes')
  await store.document('watch', '--for', BASELINE.seconds)
  await traffic.stop()

  // In this order: what watches must not stand beside another judge, and the runbook clears everything away.
  const judges: [Judge, string[]][] = [
    [deployJudge(store), ['total']],
    [windowJudge(store), ['total', 'errors', 'slow']],
    [lastgoodJudge(store), SCENARIOS.map(({ name }) => name)],
    [runbookJudge(await openWorkshop(store)), ['errors']],
  ]
  const results: WatchResult[] = []
  for (const [judge, named] of judges.filter(([{ name }]) => ways === null || ways.includes(name))) {
    for (const rate of RATES)
      for (const scenario of SCENARIOS.filter(({ name }) => named.includes(name)))
        results.push(
          await measure(judge, scenario, rate, isOurs(judge) && scenario.isBad !== null ? runs : 1),
        )
    await judge.end?.()
  }
  const place = ({ rate, scenario }: WatchResult) =>
    RATES.indexOf(rate) * SCENARIOS.length + SCENARIOS.indexOf(scenario)
  return reportWatch(results.sort((a, b) => place(a) - place(b)))
}

const isOurs = ({ name }: Judge) => name === 'lastgood' || name === 'deploy-watch'

async function measure(judge: Judge, scenario: Scenario, rate: number, runs: number): Promise<WatchResult> {
  const done: WatchRun[] = []
  for (let run = 1; run <= runs; run++) {
    const measured = await measureWatch(judge, scenario, rate)
    done.push(measured)
    console.log(`${judge.name} ${scenario.name} at ${rate}/s, run ${run}: ${JSON.stringify(measured)}`)
  }
  return { judge, scenario, rate, runs: done }
}
