import { pendingOf } from '../domain/notify/outbox.ts'
import { compileTemplates } from '../domain/notify/template-set.ts'
import { isOperatorError, type OperatorError } from '../errors/operator-error.ts'
import type { Lease } from '../ports/journal.ts'
import { deliverDue } from './deliver-due.ts'
import type { OutboxPorts } from './outbox-ports.ts'
import { publishPage } from './publish-page.ts'
import { duePages, dueReviews, missedPromises, queueDue } from './queue-due.ts'
import { Told } from './told.ts'

/** Outlives a kill by no more than this. */
const LEASE_MS = 5_000
const HEARTBEAT_MS = 1_000
/** Of the status page, while nothing happens. */
const AGAIN_MS = 60_000

export interface Pumped {
  /** Somebody else is telling. */
  busy: boolean
  queued: number
  /** Messages and sinks that are not through. */
  waiting: { id: string; sink: string; note: string | null; dueAt: number | null }[]
  /** What did not keep it from telling. */
  problems: OperatorError[]
}

/**
 * Tells others what has happened: notes who is to be paged, which promise was missed and when the review is, puts what is due
 * into words, hands it to the sinks, writes the status page. Everything is decided from the journal and noted in it, so that it may be ended at any
 * moment, and whoever pumps next goes on. It never takes part in a run: at most it is late.
 */
export class Outbox {
  readonly #ports: OutboxPorts
  readonly #told: Told
  #published = { position: -1, at: 0 }

  constructor(ports: OutboxPorts) {
    this.#ports = ports
    this.#told = new Told(ports)
  }

  /** @throws OperatorError of the journal */
  async pump(budgetMs: number, stop?: AbortSignal): Promise<Pumped> {
    const { journal, service, actor } = this.#ports
    const holder = `${actor} (pid ${process.pid})`
    const taken = await journal.acquire(`${service}/outbox`, holder, 'tell others', LEASE_MS)
    if (!taken.ok) return { busy: true, queued: 0, waiting: [], problems: [] }
    const lost = new AbortController()
    const stopBeating = this.#beat(taken.lease, lost)
    const signals = [AbortSignal.timeout(budgetMs), lost.signal, ...(stop === undefined ? [] : [stop])]
    try {
      return await this.#tell(taken.lease, AbortSignal.any(signals))
    } finally {
      stopBeating()
      await journal.release(taken.lease)
    }
  }

  /** While it waits for the other sides, nobody else may begin to tell the same. */
  #beat(lease: Lease, lost: AbortController): () => void {
    const renew = () =>
      this.#ports.journal.renew(lease, LEASE_MS).then(
        (ours) => void (ours || lost.abort()),
        () => lost.abort(),
      )
    const timer = setInterval(renew, HEARTBEAT_MS)
    return () => clearInterval(timer)
  }

  async #tell(lease: Lease, signal: AbortSignal): Promise<Pumped> {
    const { notify } = this.#ports
    const told = this.#told
    await told.read()
    await told.append(lease, ...(await duePages(this.#ports, told)))
    await told.append(lease, ...missedPromises(this.#ports, told))
    await told.append(lease, ...dueReviews(this.#ports, told))
    const known = told.outbox.size
    if (notify.sinks.length > 0) {
      const { set } = compileTemplates(await this.#ports.templates())
      await told.append(lease, ...(await queueDue(this.#ports, told, set)))
    }
    const problems = await this.#publish(lease)
    if (notify.sinks.length > 0) await deliverDue(this.#ports, told, await this.#ports.sinks(), lease, signal)
    const names = notify.sinks.map(({ name }) => name)
    const waiting = pendingOf(told.outbox, names).map(({ entry, sink, delivery }) => ({
      id: entry.message.id,
      sink,
      note: delivery.note,
      dueAt: delivery.dueAt,
    }))
    return { busy: false, queued: told.outbox.size - known, waiting, problems }
  }

  /** A page that cannot be written keeps no message back. */
  async #publish(lease: Lease): Promise<OperatorError[]> {
    const { now } = this.#ports.clock
    const { position, at } = this.#published
    // Only the clock has moved: once a minute is enough.
    if (position === this.#told.position && now() - at < AGAIN_MS) return []
    try {
      await publishPage(this.#ports, this.#told, lease)
      this.#published = { position: this.#told.position, at: now() }
      return []
    } catch (error) {
      if (isOperatorError(error) && error.code === 'STATUS_PAGE_NOT_WRITTEN') return [error]
      throw error
    }
  }
}
