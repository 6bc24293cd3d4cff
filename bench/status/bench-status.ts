import type { Lab } from '../../lab/open-lab.ts'
import { openStoreService } from '../../lab/store-service.ts'
import { percentile } from '../../lab/traffic/percentile.ts'
import type { Report } from '../report.ts'
import { median, spread } from '../statistics.ts'

const TARGET_MS = 250

/** A cold start each time: a process of its own, from starting it until it has ended. */
export async function benchStatus(lab: Lab, { runs = 20 }: { runs?: number }): Promise<Report> {
  const store = await openStoreService(lab)
  for (const tag of ['good-1', 'good-2']) await store.document('deploy', tag, '--yes')
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const { ms, exitCode, stdout } = await store.lastgood('status')
    if (exitCode !== 0) throw new Error(`lastgood status ended with ${exitCode}\n${stdout}`)
    times.push(ms)
  }
  const middle = median(times)
  const p95 = percentile(
    times.toSorted((a, b) => a - b),
    0.95,
  )
  return {
    bench: 'status',
    title: 'Status',
    lines: [
      `\`lastgood status\` of a serving store, ${runs} times, each a process of its own: median (least-most)`,
      `${spread(times)} ms, 95th percentile ${p95} ms.`,
      '',
      `Target: median within ${TARGET_MS} ms: ${middle <= TARGET_MS ? 'met' : 'NOT met'}.`,
    ],
    document: { bench: 'status', runs, ms: times, medianMs: middle, p95Ms: p95 },
  }
}
