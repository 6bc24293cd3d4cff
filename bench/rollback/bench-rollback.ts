import { hostOnCompose } from '../../lab/docker/host-on-compose.ts'
import { hostOnSwarm } from '../../lab/docker/host-on-swarm.ts'
import type { Lab } from '../../lab/open-lab.ts'
import { openStoreService } from '../../lab/store-service.ts'
import type { Report } from '../report.ts'
import { composeWays, GOOD_IMAGE } from './compose-ways.ts'
import { bootContainer } from './container-boot.ts'
import { lastgoodWays } from './lastgood-way.ts'
import { measureRun, type Run } from './measure-run.ts'
import { pm2DeployRevert } from './pm2-deploy-revert.ts'
import { pm2Reload } from './pm2-reload.ts'
import { reportRollback } from './report-rollback.ts'
import { runbookGit, runbookPm2 } from './runbook-ways.ts'
import { swarmWays, withTaskBoot } from './swarm-ways.ts'
import type { Way } from './way.ts'
import { openWorkshop } from './workshop.ts'

export const BENCH_RUNTIMES = ['pm2', 'compose', 'swarm'] as const
export type BenchRuntime = (typeof BENCH_RUNTIMES)[number]

type Options = {
  runs?: number
  /** Of the ways that are not lastgood's. */
  others?: number
  rate: number
  ways: string[] | null
  runtime: BenchRuntime
  router: 'haproxy' | 'caddy'
}

/** Round robin over the ways, so that a machine that gets slower or faster does so for all of them. */
export async function benchRollback(lab: Lab, options: Options): Promise<Report> {
  const { runs = 5, others = runs, rate, ways: wanted, runtime } = options
  const all = await OPEN[runtime](lab, options)
  const ways = all.filter(({ name }) => wanted === null || wanted.includes(name))
  for (const way of ways) {
    console.log(`preparing ${way.name}`)
    await way.setUp()
  }
  const results = new Map<Way, Run[]>(ways.map((way) => [way, []]))
  for (let round = 1; round <= runs; round++) {
    for (const [way, done] of results) {
      if (round > others && !way.name.startsWith('lastgood')) continue
      const run = await measureRun(way, rate)
      done.push(run)
      console.log(`run ${round} of ${runs}  ${way.name.padEnd(18)} ${describeRun(run)}`)
    }
  }
  const where = {
    pm2: '',
    compose: ` on Compose, behind ${options.router}`,
    swarm: ' on a swarm of one node',
  }
  return reportRollback(results, rate, where[runtime])
}

const OPEN: Record<BenchRuntime, (lab: Lab, options: Options) => Promise<Way[]>> = {
  pm2: waysOnPm2,
  compose: waysOnCompose,
  swarm: waysOnSwarm,
}

async function waysOnPm2(lab: Lab): Promise<Way[]> {
  const store = await openStoreService(lab)
  const workshop = await openWorkshop(store)
  return [
    ...lastgoodWays(store),
    runbookGit(workshop),
    runbookPm2(workshop),
    pm2Reload(workshop),
    pm2DeployRevert(workshop),
  ]
}

async function waysOnCompose(lab: Lab, { router }: Options): Promise<Way[]> {
  const host = await hostOnCompose(lab, router)
  const store = await openStoreService(lab, {}, async () => host)
  const boot = () => bootContainer(host, GOOD_IMAGE)
  return [...lastgoodWays(store, { holds: true, boot }), ...(await composeWays(store, host, router))]
}

async function waysOnSwarm(lab: Lab): Promise<Way[]> {
  const host = await hostOnSwarm(lab)
  const store = await openStoreService(lab, {}, async () => host)
  const own = lastgoodWays(store, { holds: false }).map((way) => withTaskBoot(way, host.engine, host.service))
  return [...own, ...(await swarmWays(store, host))]
}

function describeRun({ requests, failedBySwitch, failures, lastBadResponseMs, unavailableMs }: Run): string {
  const why = failedBySwitch === 0 ? '' : ` ${JSON.stringify(failures)}`
  return [
    `${failedBySwitch} of ${requests} failed${why}`,
    `last bad answer ${Math.round(lastBadResponseMs)} ms`,
    `unavailable ${Math.round(unavailableMs)} ms`,
  ].join(', ')
}
