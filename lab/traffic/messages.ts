import type { Mix } from './mix.ts'
import type { Recent } from './recent.ts'
import type { Sample } from './sample.ts'

/** What the crowd's own process is told at its start. */
export type Orders = {
  url: string
  rate: number
  connections: number
  slowShare: number
  seed: number
  timeoutMs: number
  mix?: Mix
}

export type ToCrowd = { type: 'open'; orders: Orders } | { type: 'close' }

export type FromCrowd =
  | { type: 'opened' }
  | { type: 'recent'; recent: Recent }
  | { type: 'samples'; samples: Sample[] }
  | { type: 'closed' }
