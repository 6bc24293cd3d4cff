import { setTimeout as pause } from 'node:timers/promises'
import { BAD_COMMITS } from '../../lab/history/history-commits.ts'
import { endOf, hasFailed, type Sample } from '../../lab/traffic/sample.ts'
import { startTraffic, type Traffic } from '../../lab/traffic/start-traffic.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import type { JUDGES } from './judges.ts'
import type { Scenario } from './scenario.ts'

/** Somebody who puts the bad release out and sees to it that it goes back. */
export type Judge = {
  name: (typeof JUDGES)[number]
  does: string
  url: string
  /** Returns once the bad release is gone, or never came. */
  deployAndJudge(scenario: Scenario, traffic: Traffic): Promise<{ decidedAt: number | null }>
  /** The good release serves. */
  begin(): Promise<void>
  /** Nothing of it goes on. */
  end?(): Promise<void>
}

export type WatchRun = {
  /** From the first bad answer to the last one, ms; null: there was none. */
  badMs: number | null
  badAnswers: number
  /** From the first bad answer to the verdict, ms; null: there was none. */
  decidedMs: number | null
  requests: number
  /** Not by the bad release: they are the judge's. */
  failedOtherwise: number
}

const WARM_UP_MS = 3_000
const AFTER_MS = 1_500

export async function measureWatch(judge: Judge, scenario: Scenario, rate: number): Promise<WatchRun> {
  const version = BAD_COMMITS.find(({ tag }) => tag === scenario.tag)?.version ?? ''
  await judge.begin()
  const traffic = await startTraffic({ url: judge.url, rate })
  await pause(WARM_UP_MS)
  const { decidedAt } = await judge.deployAndJudge(scenario, traffic)
  const gone = () => traffic.recent().byVersion[version] === undefined
  await waitUntil(gone, { what: `${judge.name}: ${scenario.tag} is gone`, timeoutMs: 120_000, everyMs: 100 })
  await pause(AFTER_MS)
  const samples = await traffic.stop()
  return judgeSamples(samples, scenario, version, decidedAt)
}

function judgeSamples(
  samples: Sample[],
  { isBad }: Scenario,
  version: string,
  decidedAt: number | null,
): WatchRun {
  const bad = samples.filter((sample) => sample.version === version && isBad?.(sample))
  const first = bad[0] === undefined ? null : endOf(bad[0])
  const last = bad.length === 0 ? null : Math.max(...bad.map(endOf))
  const otherwise = samples.filter(
    (sample) => hasFailed(sample) && sample.version !== version && sample.error !== 'UNSENT',
  )
  return {
    badMs: first === null || last === null ? null : last - first,
    badAnswers: bad.length,
    decidedMs: first === null || decidedAt === null ? null : decidedAt - first,
    requests: samples.length,
    failedOtherwise: otherwise.length,
  }
}
