import type { LaunchRecord } from './release-store.ts'

export interface Purged {
  /** `redis 127.0.0.1:6379/0 product:*`, `PURGE http://127.0.0.1:6081/`, `npm run cache:clear`: free of secrets. */
  what: string
  ok: boolean
  /** How many keys were removed; null where nobody counts. */
  keys: number | null
  /** What it said, or what went wrong. */
  detail: string
}

/** Throws away what caches hold of a release that was left. Done twice, it ends in the same state. */
export interface CachePurger {
  /** Whether what can be asked without purging anything answers. */
  check(signal: AbortSignal): Promise<Purged[]>
  /** Each that is configured, whatever becomes of the others. Commands run as the release that is gone back to. */
  purge(launch: Pick<LaunchRecord, 'directory' | 'env'>, signal: AbortSignal): Promise<Purged[]>
}
