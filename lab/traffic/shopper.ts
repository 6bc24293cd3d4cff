import { Crowd } from './crowd.ts'
import type { FromCrowd, ToCrowd } from './messages.ts'
import { countRecent } from './recent.ts'
import { hasFailed, preciseNow } from './sample.ts'

/** The traffic's own process: started by start-traffic.ts, told what to do over the fork's channel. */
const REPORT_EVERY_MS = 200
const SAMPLES_A_MESSAGE = 2000

let crowd: Crowd | undefined
let reporting: NodeJS.Timeout | undefined
const totals = { requests: 0, failed: 0 }

const tell = (message: FromCrowd) => new Promise((resolve) => process.send?.(message, resolve))

process.on('message', async (message: ToCrowd) => {
  if (message.type === 'open') {
    crowd = new Crowd(message.orders)
    crowd.open()
    reporting = setInterval(report, REPORT_EVERY_MS)
    await tell({ type: 'opened' })
  } else {
    await close()
  }
})

// Whoever started the traffic is gone: so is the traffic.
process.on('disconnect', () => process.exit(0))
// Ctrl-C in a terminal reaches both processes; the starter still wants the samples.
process.on('SIGINT', () => {})

async function close(): Promise<void> {
  clearInterval(reporting)
  await crowd?.close()
  const samples = crowd?.samples ?? []
  for (let start = 0; start < samples.length; start += SAMPLES_A_MESSAGE) {
    await tell({ type: 'samples', samples: samples.slice(start, start + SAMPLES_A_MESSAGE) })
  }
  await tell({ type: 'closed' })
  process.disconnect()
}

function report(): void {
  const samples = crowd?.samples ?? []
  for (const sample of samples.slice(totals.requests)) if (hasFailed(sample)) totals.failed++
  totals.requests = samples.length
  void tell({ type: 'recent', recent: countRecent(samples, preciseNow(), { ...totals }) })
}
