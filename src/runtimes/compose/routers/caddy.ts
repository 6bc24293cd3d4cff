import type { Container } from '../../../docker/containers.ts'
import { messageOf } from '../../../errors/operator-error.ts'
import type { Clock } from '../../../ports/clock.ts'
import { LABEL } from '../commands.ts'
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

/**
 * Caddy is given the list of containers, by name: names outlive the addresses that the engine gives out anew after a restart.
 * It keeps the list itself, for `caddy run --resume`. A change takes effect as a whole, and requests under way end where
 * they are.
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

  return {
    name: `Caddy, ${id}`,

    async obstacle() {
      try {
        const { ok, status } = await ask(upstreams)
        return ok ? null : `Caddy has no upstreams of ${id} (status ${status})`
      } catch (error) {
        if (error instanceof RouterFailed) return error.message
        throw error
      }
    },

    // It finds nothing by itself.
    expectNew: async () => NOTHING_TO_EXPECT,

    async sendTo(targets) {
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
