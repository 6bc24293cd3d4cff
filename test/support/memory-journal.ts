import { randomUUID } from 'node:crypto'
import type { NewEvent } from '../../src/domain/event.ts'
import { OperatorError } from '../../src/errors/operator-error.ts'
import { emptyChain, type SealedEvent, sealEvents, unsealEvent, walkChain } from '../../src/journal/chain.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Journal, Lease, LeaseHolder, Leases } from '../../src/ports/journal.ts'

/** What several handles share: the "disk". */
interface MemoryStore {
  events: SealedEvent[]
  leases: Map<string, HeldLease>
}

interface HeldLease {
  token: string
  holder: string
  reason: string
  since: number
  heartbeatAt: number
  expiresAt: number
}

export function createMemoryStore(): MemoryStore {
  return { events: [], leases: new Map() }
}

/** A journal that forgets: real in everything the contract suite asks, without a file. */
export function openMemoryJournal(
  store: MemoryStore = createMemoryStore(),
  clock: Pick<Clock, 'now'> = Date,
): Journal & Leases {
  const held = (lease: Lease): HeldLease | null => {
    const found = store.leases.get(lease.service)
    return found !== undefined && found.token === lease.token && found.expiresAt > clock.now() ? found : null
  }
  const holderOf = (service: string): LeaseHolder | null => {
    const found = store.leases.get(service)
    return found === undefined || found.expiresAt <= clock.now() ? null : describe(found)
  }
  return {
    async append(events: readonly NewEvent[], fence?: Lease) {
      if (fence !== undefined && held(fence) === null) throw new OperatorError('LEASE_LOST')
      const sealed = sealEvents(store.events.at(-1) ?? emptyChain, events, clock.now())
      store.events.push(...sealed)
      return sealed.map(unsealEvent)
    },
    async read({ service, after = 0, seqs } = {}) {
      const events = store.events.map(unsealEvent)
      return events.filter(
        (event) =>
          event.seq > after &&
          (service === undefined || event.service === service) &&
          (seqs === undefined || seqs.includes(event.seq)),
      )
    },
    async each({ after = 0 }, visit) {
      for (const event of store.events) if (event.seq > after) visit(unsealEvent(event))
    },
    async position(service) {
      return store.events.findLast((event) => unsealEvent(event).service === service)?.seq ?? 0
    },
    async verify() {
      return walkChain(store.events, null)
    },
    async close() {},
    async acquire(service, holder, reason, ttlMs) {
      const heldBy = holderOf(service)
      if (heldBy !== null) return { ok: false, heldBy }
      const now = clock.now()
      const token = randomUUID()
      store.leases.set(service, {
        token,
        holder,
        reason,
        since: now,
        heartbeatAt: now,
        expiresAt: now + ttlMs,
      })
      return { ok: true, lease: { service, token } }
    },
    async renew(lease, ttlMs) {
      const found = held(lease)
      if (found === null) return false
      found.heartbeatAt = clock.now()
      found.expiresAt = clock.now() + ttlMs
      return true
    },
    async release(lease) {
      if (store.leases.get(lease.service)?.token === lease.token) store.leases.delete(lease.service)
    },
    async current(service) {
      return holderOf(service)
    },
  }
}

function describe(lease: HeldLease): LeaseHolder {
  return {
    holder: lease.holder,
    reason: lease.reason,
    since: new Date(lease.since).toISOString(),
    heartbeatAt: new Date(lease.heartbeatAt).toISOString(),
    expiresAt: new Date(lease.expiresAt).toISOString(),
  }
}
