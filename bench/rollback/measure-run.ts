import { setTimeout as pause } from 'node:timers/promises'
import { BAD_COMMITS, GOOD_COMMITS } from '../../lab/history/history-commits.ts'
import { judgeSwitch, type SwitchCost } from '../../lab/judge-switch.ts'
import { startTraffic, type Traffic } from '../../lab/traffic/start-traffic.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import { BAD, GOOD, type Way } from './way.ts'

export type Run = SwitchCost & {
  /** From the command until it has ended, its own checking included. */
  commandMs: number
  /** Of a container, while the shoppers are there; null: the way runs none, or is not asked. */
  bootMs: number | null
  phases: Record<string, number>
}

const WARM_UP_MS = 2_000
const AFTER_MS = 1_500

const versionOf = (tag: string) =>
  [...GOOD_COMMITS, ...BAD_COMMITS].find((commit) => commit.tag === tag)?.version ?? ''

/** The bad release serves, shoppers come, the way goes back, and shoppers stay until only the good release answers. */
export async function measureRun(way: Way, rate: number): Promise<Run> {
  await way.makeBad()
  const badServes = async () => (await versionAt(way.url)) === versionOf(BAD)
  await waitUntil(badServes, { what: `${way.name}: the bad release`, timeoutMs: 30_000, everyMs: 100 })
  const traffic = await startTraffic({ url: way.url, rate })
  await pause(WARM_UP_MS)
  const bootMs = (await way.boot?.()) ?? null

  const from = traffic.mark('command')
  await way.goBack()
  const commandMs = Date.now() - from
  await waitUntil(() => onlyGood(traffic), { what: `${way.name}: the good release`, timeoutMs: 30_000 })
  await pause(AFTER_MS)
  const samples = await traffic.stop()

  const phases = (await way.phases?.()) ?? {}
  await way.rest()
  return { ...judgeSwitch(samples, versionOf(BAD), from), commandMs: Math.round(commandMs), bootMs, phases }
}

function onlyGood(traffic: Traffic): boolean {
  const { byVersion, failed } = traffic.recent()
  return failed === 0 && Object.keys(byVersion).join() === versionOf(GOOD)
}

async function versionAt(url: string): Promise<string | null> {
  const response = await fetch(`${url}/categories`, { headers: { connection: 'close' } })
  await response.text()
  return response.headers.get('x-version')
}
