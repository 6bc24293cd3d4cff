import { setTimeout as pause } from 'node:timers/promises'
import { BAD_COMMITS } from '../lab/history/history-commits.ts'
import type { Lab } from '../lab/open-lab.ts'
import { openStoreService, type StoreHost } from '../lab/store-service.ts'
import { startTraffic } from '../lab/traffic/start-traffic.ts'
import { judgeDemo, type Outcome, showOutcome } from './outcome.ts'
import type { Stage } from './stage.ts'
import { statusLine } from './status-line.ts'
import { deploy, show } from './type-command.ts'

const RATE = 200
const BAD = 'bad-errors'
const WATCH_ERRORS_MS = 6_000
const WATCH_GOOD_MS = 2_000

export type RunsOn = {
  /** `PM2 with two instances` */
  what: string
  hostOn?: (lab: Lab) => Promise<StoreHost>
}

const PM2: RunsOn = { what: 'PM2 with two instances' }

/** The main job from beginning to end, on real servers. */
export async function play(lab: Lab, stage: Stage, runsOn: RunsOn = PM2): Promise<Outcome> {
  stage.introduce(TITLE, about(runsOn))
  const scene = (text: string) => stage.line(`\n${stage.paint(text, 'bold')}`)

  scene('1. A store opens, with its first release')
  const opening = openStoreService(lab, {}, runsOn.hostOn)
  const store = await stage.during(
    opening,
    (s) => `  PostgreSQL, ${runsOn.what.split(' ')[0]}, schema, goods ... ${s} s`,
    60,
  )
  await deploy(stage, store, 'good-1')

  scene(`2. Shoppers come in: ${RATE} requests/s. Under way, a good release goes out`)
  const traffic = await startTraffic({ url: store.url, rate: RATE })
  await deploy(stage, store, 'good-2', { traffic })

  scene('3. A bad release gets through: what it breaks, no check asked for')
  await deploy(stage, store, BAD, { traffic, options: ['--no-wait'] })
  await stage.during(pause(WATCH_ERRORS_MS), () => statusLine(stage, traffic.recent()), 1)
  stage.line(statusLine(stage, traffic.recent()))

  scene('4. Back to the last known good release')
  const rollbackAt = traffic.mark('rollback')
  const rollbackExit = await show(stage, store, ['rollback', '--yes', '--reason', 'products fail'])
  await stage.during(pause(WATCH_GOOD_MS), () => statusLine(stage, traffic.recent()), 1)
  stage.line(statusLine(stage, traffic.recent()))

  scene('5. Proof')
  const verifyExit = await show(stage, store, ['verify'])
  const samples = await traffic.stop()
  const { serving } = await store.document('status')

  scene('What it cost')
  const outcome = judgeDemo({
    samples,
    badVersion: BAD_COMMITS.find(({ tag }) => tag === BAD)?.version ?? '',
    goodRelease: 'r2',
    rollbackAt,
    rollbackExit,
    verifyExit,
    serving: serving as { text: string; release: string | null },
  })
  showOutcome(stage, outcome)
  return outcome
}

const TITLE = 'a bad release goes back, under load, without a failed request'

const about = ({ what }: RunsOn) => [
  `Everything is real: Fastify, PostgreSQL, ${what}.`,
  'It lives in a temporary folder, which is removed at the end, after Ctrl-C as',
  'well. To be short, a new release is watched for 1.5 s and proven after 3 s. The',
  'defaults are 5 s and 10 minutes.',
]
