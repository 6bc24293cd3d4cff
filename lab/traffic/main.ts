import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startTraffic } from './start-traffic.ts'
import { summarize } from './summarize.ts'

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:3000' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '40' },
  },
})

const traffic = await startTraffic({
  url: values.url,
  rate: Number(values.rate),
  connections: Number(values.connections),
})
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())
await sleep(Number(values.seconds) * 1000, undefined, { signal: interrupted.signal }).catch(() => {})
console.log(JSON.stringify(summarize(await traffic.stop()), null, 2))
