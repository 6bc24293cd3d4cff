import type { Shop } from '../../lab/database/open-shop.ts'
import type { TakenCheckpoint } from '../../lab/database/take-checkpoint.ts'
import type { Lab } from '../../lab/open-lab.ts'
import type { Clients } from './clients.ts'

export const RESTORE_WAYS = ['runbook', 'pg_restore', 'lastgood', 'lastgood-pgbouncer'] as const

export type RestoreWay = (typeof RESTORE_WAYS)[number]

/** One size of the store, with what each way restores it from. */
export type Site = {
  lab: Lab
  shop: Shop
  folder: string
  taken: TakenCheckpoint
  /** `pg_dump shop > backup.sql` */
  backup: string
  bouncer: { url: string; adminUrl: string }
}

export type Way = {
  name: RestoreWay
  does: string
  /** What the clients connect to. */
  url(site: Site): string
  restore(site: Site, clients: Clients): Promise<void>
  /** What it leaves that the next run must not find. */
  rest(site: Site): Promise<void>
}
