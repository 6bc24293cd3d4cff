import { setTimeout as pause } from 'node:timers/promises'
import { startWatch, type WatchProcess } from '../../lab/start-watch.ts'
import type { StoreService } from '../../lab/store-service.ts'
import { preciseNow } from '../../lab/traffic/sample.ts'
import type { Traffic } from '../../lab/traffic/start-traffic.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import type { Workshop } from '../rollback/workshop.ts'
import { median } from '../statistics.ts'
import type { Judge } from './measure-watch.ts'

export const JUDGES = ['lastgood', 'deploy-watch', 'window', 'runbook'] as const

const GOOD = 'good-2'
const BENCH = ['--yes', '--force', '--reason', 'bench'] as const

/** A standing `lastgood watch` with the policy act and no countdown; it sees the switch while the deploy still goes on. */
export function lastgoodJudge(store: StoreService): Judge {
  let watch: WatchProcess | null = null
  return {
    name: 'lastgood',
    does: 'lastgood watch (policy act, countdown 0s), and lastgood deploy --no-wait',
    url: store.url,
    async begin() {
      watch ??= startWatch(store)
      const watched = async () => (await store.document('status')).watcher !== null
      await waitUntil(watched, { what: 'the watcher', timeoutMs: 30_000, everyMs: 200 })
    },
    end: async () => void (await watch?.kill('SIGINT')),
    async deployAndJudge({ tag }) {
      const deployed = await store.lastgood('deploy', tag, '--no-wait', '--json', ...BENCH)
      if (deployed.exitCode !== 0) return { decidedAt: null }
      const gone = async () => {
        const { live, verdict } = (await store.document('status')) as Status
        return live.by === 'rollback' && verdict === null
      }
      await waitUntil(gone, { what: `the way back from ${tag}`, timeoutMs: 300_000, everyMs: 500 })
      return { decidedAt: await lastVerdict(store, tag) }
    },
  }
}

/** Nobody watches but the deploy itself. */
export function deployJudge(store: StoreService): Judge {
  return {
    name: 'deploy-watch',
    does: 'lastgood deploy --watch, with the same policy',
    url: store.url,
    begin: async () => {},
    async deployAndJudge({ tag }) {
      const { exitCode } = await store.lastgood('deploy', tag, '--watch', '--json', ...BENCH)
      if (exitCode !== FOUND_BAD) throw new Error(`lastgood deploy ${tag} --watch ended with ${exitCode}`)
      return { decidedAt: await lastVerdict(store, tag) }
    },
  }
}

const FOUND_BAD = 29

type Status = { live: { by: string }; verdict: object | null }

/** When the verdict on the newest release of that tag was reached. */
async function lastVerdict(store: StoreService, tag: string): Promise<number | null> {
  const { stdout } = await store.lastgood('journal', 'export')
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const built = events.findLast(({ type, data }) => type === 'ReleaseBuilt' && data.release.ref === tag)
  const verdict = events.find(
    ({ type, data }) => type === 'VerdictReached' && data.verdict.release === built?.data.release.id,
  )
  return verdict === undefined ? null : Date.parse(verdict.at)
}

const WINDOW_MS = 60_000
const ERROR_SHARE = 0.05
const SLOWER = 1.5
const MINUTES = 3

/**
 * The usual rule, given every advantage: it knows each shopper's answer, and looks at the end of each minute since the
 * switch. More than 5 % failed, or the 95th percentile 50 % above the one before: `lastgood rollback`.
 */
export function windowJudge(store: StoreService): Judge {
  return {
    name: 'window',
    does: 'lastgood deploy; at the end of each 60 s: > 5 % errors or p95 > 1.5 x before? lastgood rollback',
    url: store.url,
    begin: async () => {},
    async deployAndJudge({ tag }, traffic) {
      const before = traffic.recent().p95 ?? Number.POSITIVE_INFINITY
      const deployed = await store.lastgood('deploy', tag, '--no-wait', '--json', ...BENCH)
      if (deployed.exitCode !== 0) return { decidedAt: null }
      for (let minute = 1; minute <= MINUTES; minute++) {
        const window = await watchWindow(traffic)
        if (window.errorShare <= ERROR_SHARE && window.p95 <= before * SLOWER) continue
        const decidedAt = preciseNow()
        await store.document('rollback', '--yes', '--reason', 'the minute was bad')
        return { decidedAt }
      }
      throw new Error(`the window rule did not see ${tag} in ${MINUTES} minutes`)
    },
  }
}

async function watchWindow(traffic: Traffic): Promise<{ errorShare: number; p95: number }> {
  const from = traffic.recent().totals
  const p95s: number[] = []
  for (let waited = 0; waited < WINDOW_MS; waited += 1_000) {
    await pause(1_000)
    p95s.push(traffic.recent().p95 ?? 0)
  }
  const to = traffic.recent().totals
  return {
    errorShare: (to.failed - from.failed) / Math.max(1, to.requests - from.requests),
    p95: median(p95s),
  }
}

/** The runbook's Option 1, begun by a person who needs no time to see, think or type. */
export function runbookJudge({ url, folder, clone, type, clear }: Workshop): Judge {
  const live = folder('runbook-judge')
  const rebuild = 'npm ci && npm run build'
  let cloned: Promise<void> | undefined
  return {
    name: 'runbook',
    does: `with the first failed answer: git checkout ${GOOD}; npm ci; npm run build; pm2 restart my-store-api`,
    url,
    async begin() {
      cloned ??= clone(live, GOOD)
      await cloned
      await clear()
      await type(live, `git checkout ${GOOD} && ${rebuild} && pm2 start ecosystem.config.cjs`)
    },
    async deployAndJudge({ tag }, traffic) {
      const failed = traffic.recent().totals.failed
      await type(live, `git checkout ${tag} && ${rebuild} && pm2 restart my-store-api`)
      const seen = () => traffic.recent().totals.failed > failed
      await waitUntil(seen, { what: `the first failed answer of ${tag}`, timeoutMs: 60_000, everyMs: 50 })
      const decidedAt = preciseNow()
      await type(live, `git checkout ${GOOD} && ${rebuild} && pm2 restart my-store-api`)
      return { decidedAt }
    },
  }
}
