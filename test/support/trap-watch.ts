import { expect } from 'vitest'
import { startTraffic, type Traffic } from '../../lab/traffic/start-traffic.ts'
import { summarize } from '../../lab/traffic/summarize.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import type { JournalEvent } from '../../src/domain/event.ts'
import type { TinyService } from './tiny-service.ts'

export interface SeenInstance {
  id: string
  release: string | null
  unit: string
  state: string
  seenBy: string
}

export async function instancesOf(service: TinyService): Promise<SeenInstance[]> {
  return (await service.ok('status')).json.instances as SeenInstance[]
}

/** Waits until exactly these states are seen: `{ 'r2 listening': 2, 'r1 holding': 2 }`. */
export async function reach(service: TinyService, wanted: Record<string, number>): Promise<void> {
  const settled = async () => {
    const seen: Record<string, number> = {}
    for (const { release, state } of await instancesOf(service))
      seen[`${release} ${state}`] = (seen[`${release} ${state}`] ?? 0) + 1
    if (JSON.stringify(sorted(seen)) === JSON.stringify(sorted(wanted))) return true
    throw new Error(JSON.stringify(seen))
  }
  await waitUntil(settled, { what: JSON.stringify(wanted), timeoutMs: 60_000, everyMs: 50 })
}

const sorted = (counts: Record<string, number>) =>
  Object.entries(counts).sort(([a], [b]) => a.localeCompare(b))

export async function pidsOf(service: TinyService, release: string): Promise<number[]> {
  const own = (await instancesOf(service)).filter((instance) => instance.release === release)
  return own.map(({ id }) => Number(id)).sort()
}

/** What PM2 knows, by its own list: `tiny-r1 tiny-r1`. */
export async function unitsOf(service: TinyService): Promise<string[]> {
  return (await service.lab.pm2().list()).map(({ name }) => name).sort()
}

export async function eventsOf(service: TinyService): Promise<JournalEvent[]> {
  const { stdout } = await service.lastgood(['journal', 'export'])
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalEvent)
}

/** The evidence of each step of a kind, oldest first, with the time of its record. */
export async function stepsOf(service: TinyService, kind: string) {
  return (await eventsOf(service)).flatMap((event) =>
    event.type === 'StepSucceeded' && event.data.kind === kind
      ? [{ at: Date.parse(event.at), evidence: event.data.evidence }]
      : [],
  )
}

/** Shoppers on kept connections; three in ten of their requests take 300 ms. */
export async function openShop(service: TinyService): Promise<Traffic> {
  const traffic = await startTraffic({ url: service.url, rate: 120, connections: 24 })
  service.lab.watch(traffic.pid)
  await waitUntil(() => traffic.recent().totals.requests > 20, { what: 'traffic' })
  return traffic
}

/** No request failed at all; returns how many there were. */
export async function expectNoneFailed(traffic: Traffic): Promise<number> {
  const { requests, failed, failures } = summarize(await traffic.stop())
  expect({ failed, failures }).toEqual({ failed: 0, failures: {} })
  expect(requests).toBeGreaterThan(100)
  return requests
}

export function say(text: string): void {
  console.log(text)
}
