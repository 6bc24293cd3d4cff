import type { Container } from '../../../docker/containers.ts'
import { messageOf } from '../../../errors/operator-error.ts'
import type { Clock } from '../../../ports/clock.ts'
import { LABEL } from '../commands.ts'
import { type CaddyHandler, parseHandler } from './caddy-handler.ts'
import { NOTHING_TO_EXPECT, type Router, RouterFailed } from './router.ts'

const ANSWER_TIMEOUT_MS = 5_000
const POLL_MS = 50
/** With each change Caddy puts another admin API in the place of the one that took it: whoever has come to that is hung up on. */
const TRIES = 5

export interface CaddySettings {
  /** Admin API, as this host reaches it. */
  admin: string
  /** `@id` of the reverse_proxy handler. */
  id: string
}

/** A container that is found later than this would be waited for in every switch. */
const LONGEST_REFRESH_MS = 5_000
/** Between two looks of Caddy's resolver there is the answer of the engine's. */
const RESOLVER_MARGIN_MS = 100

/**
 * Either Caddy finds the containers by itself, in Docker's DNS (`dynamic_upstreams`), and tries another one where one
 * refuses: then it is told nothing, and what holds or has let go refuses. Or it is given the list of containers, by name:
 * names outlive the addresses that the engine gives out anew after a restart, and it keeps the list itself, for
 * `caddy run --resume`. That takes effect as a whole, but with each change Caddy hangs up on whoever has a connection that
 * nothing is asked over at that moment: a request that is sent into that is lost.
 */
export function createCaddyRouter({ admin, id }: CaddySettings, clock: Clock): Router {
  const base = admin.replace(/\/+$/, '')
  const upstreams = `${base}/id/${id}/upstreams`

  /**
   * With every change of its settings Caddy puts another admin server in the place of the one that was told, and hangs up on
   * whoever is connected to that: so no connection is kept. What is asked for is the same however often it is asked for.
   */
  async function ask(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...init.headers, connection: 'close' }
    for (let tries = 1; ; tries += 1) {
      try {
        return await fetch(url, { ...init, headers, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
      } catch (cause) {
        const detail = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
        if (tries === TRIES || (cause instanceof Error && cause.name === 'TimeoutError'))
          throw new RouterFailed(`Caddy does not answer at ${base}: ${messageOf(detail)}`, { cause })
        await clock.sleep(POLL_MS)
      }
    }
  }

  const dials = (containers: readonly Container[]) =>
    containers.map(({ name, labels }) => ({ dial: `${name}:${labels[LABEL.port]}` }))

  /** @throws RouterFailed also where it is there, and could not be used for a switch */
  async function requireHandler(): Promise<CaddyHandler> {
    const answer = await ask(`${base}/id/${id}`)
    const handler = answer.ok ? parseHandler(await answer.json()) : null
    if (handler === null) throw new RouterFailed(`Caddy has no reverse_proxy ${id} (status ${answer.status})`)
    if (handler.kind === 'listed') return handler
    if (handler.triesMs === 0)
      throw new RouterFailed(
        `${id} tries no other container where one refuses: give it load_balancing.try_duration, 5s for example`,
      )
    if (handler.refreshMs <= LONGEST_REFRESH_MS) return handler
    throw new RouterFailed(
      `${id} looks for containers every ${handler.refreshMs / 1_000} s: give its dynamic_upstreams a refresh of 500ms`,
    )
  }

  return {
    name: `Caddy, ${id}`,

    async obstacle() {
      try {
        await requireHandler()
        return null
      } catch (error) {
        if (error instanceof RouterFailed) return error.message
        throw error
      }
    },

    // What it finds by itself refuses as long as it does not listen.
    expectNew: async () => NOTHING_TO_EXPECT,

    async sendTo(targets) {
      const handler = await requireHandler()
      if (handler.kind === 'found') {
        // One that it has been refused by, it does not ask again for a while.
        const asksAgainAt = clock.now() + handler.failedMs
        const startedAt = Math.max(0, ...targets.map((target) => target.startedAt ?? 0))
        const foundAt = startedAt + handler.refreshMs + RESOLVER_MARGIN_MS
        return clock.sleep(Math.max(0, Math.max(asksAgainAt, foundAt) - clock.now()))
      }
      const wanted = JSON.stringify(dials(targets))
      const now = await ask(upstreams)
      if (now.ok && JSON.stringify(await now.json()) === wanted) return
      const headers = { 'content-type': 'application/json' }
      const changed = await ask(upstreams, { method: 'PATCH', headers, body: wanted })
      if (changed.ok) return
      throw new RouterFailed(
        `Caddy refused the upstreams of ${id}: ${(await changed.text()).trim().slice(0, 200)}`,
      )
    },

    async settle(keep, timeoutMs) {
      // It sends to whoever does not refuse, and nobody does yet.
      if ((await requireHandler()).kind === 'found') return true
      const kept = new Set(dials(keep).map(({ dial }) => dial))
      const deadline = clock.now() + timeoutMs
      for (;;) {
        const answer = await ask(`${base}/reverse_proxy/upstreams`)
        const all = (await answer.json()) as { address: string; num_requests: number }[]
        const left = all.filter(({ address }) => !kept.has(address.replace(/^\w+:\/\//, '')))
        if (left.every(({ num_requests: requests }) => requests === 0)) return true
        if (clock.now() >= deadline) return false
        await clock.sleep(POLL_MS)
      }
    },

    // `sendTo` has told it.
    async awaitUnused() {},
    async forgetOthers() {},
  }
}
