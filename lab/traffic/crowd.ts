import type { Orders } from './messages.ts'
import { mixWithSlowShare } from './mix.ts'
import { type OneShopper, openShopper } from './one-shopper.ts'
import { seededRandom } from './random.ts'
import { preciseNow, type Sample } from './sample.ts'

const PACE_MS = 4

/**
 * Shoppers who together send `rate` requests a second, evenly, whether or not answers come back. A request
 * that is due while every connection is busy waits for the first free one, and the wait is recorded.
 */
export class Crowd {
  readonly samples: Sample[] = []
  readonly #orders: Orders
  readonly #shoppers: OneShopper[]
  readonly #idle: OneShopper[]
  readonly #waiting: number[] = []
  readonly #openedAt = preciseNow()
  #due = 0
  #busy = 0
  #pacing: NodeJS.Timeout | undefined
  #emptied: (() => void) | undefined

  constructor(orders: Orders) {
    this.#orders = orders
    const habits = {
      url: new URL(orders.url),
      mix: orders.mix ?? mixWithSlowShare(orders.slowShare),
      timeoutMs: orders.timeoutMs,
      random: seededRandom(orders.seed),
    }
    this.#shoppers = Array.from({ length: orders.connections }, () => openShopper(habits))
    this.#idle = [...this.#shoppers]
  }

  open(): void {
    this.#pacing = setInterval(() => this.#sendDue(), PACE_MS)
  }

  /** Nothing new is sent; resolves when everything that was sent is answered or has failed. */
  async close(): Promise<void> {
    clearInterval(this.#pacing)
    for (const dueAt of this.#waiting.splice(0)) this.samples.push(unsent(dueAt))
    if (this.#busy > 0) {
      await new Promise<void>((resolve) => {
        this.#emptied = resolve
      })
    }
    for (const shopper of this.#shoppers) shopper.leave()
  }

  #sendDue(): void {
    const elapsed = preciseNow() - this.#openedAt
    const gap = 1000 / this.#orders.rate
    for (; this.#due * gap <= elapsed; this.#due++) {
      this.#waiting.push(this.#openedAt + this.#due * gap)
    }
    this.#serveWaiting()
  }

  /** The shopper who has rested longest goes next, so that every connection is used. */
  #serveWaiting(): void {
    while (this.#waiting.length > 0) {
      const shopper = this.#idle.shift()
      if (!shopper) return
      void this.#serve(shopper, this.#waiting.shift() ?? preciseNow())
    }
  }

  async #serve(shopper: OneShopper, dueAt: number): Promise<void> {
    this.#busy++
    this.samples.push(await shopper.shop(dueAt))
    this.#busy--
    this.#idle.push(shopper)
    this.#serveWaiting()
    if (this.#busy === 0) this.#emptied?.()
  }
}

const unsent = (dueAt: number): Sample => ({
  at: preciseNow(),
  ms: 0,
  waitedMs: preciseNow() - dueAt,
  method: 'GET',
  route: 'unsent',
  status: 0,
  error: 'UNSENT',
  release: null,
  version: null,
})
