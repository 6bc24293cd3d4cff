import { access, constants, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Container } from '../../../docker/containers.ts'
import { RouterFailed } from '../../../docker/router-failed.ts'
import { shellWord } from '../../../domain/shell-word.ts'
import { messageOf, systemCode } from '../../../errors/operator-error.ts'
import type { Clock } from '../../../ports/clock.ts'
import { LABEL, releaseAlias } from '../commands.ts'
import { NOTHING_TO_EXPECT, type Router } from './router.ts'

const ANSWER_TIMEOUT_MS = 5_000
const POLL_MS = 50
/** A request that has seen the old name has been counted by then. */
const COUNTED_MS = 100
/** Where its settings are changed by somebody Caddy puts another admin API in the place of this one, and hangs up. */
const TRIES = 5

export interface CaddySettings {
  /** Admin API, as this host reaches it. */
  admin: string
  /** `@id` of the reverse_proxy handler. */
  id: string
  /** Folder that Caddy sees as well. The file in it is called as the containers are that get the requests. */
  live: string
}

const handlerSchema = z.object({
  handler: z.literal('reverse_proxy'),
  dynamic_upstreams: z.object({ source: z.literal('a'), name: z.string() }),
})
const upstreamsSchema = z.array(z.object({ address: z.string(), num_requests: z.number() }))

/**
 * Caddy asks Docker's DNS for the name that a file in a folder has, with each request; that the file gets another name is the
 * switch. Caddy is told nothing: with every change of its settings it hangs up on whoever has a connection that nothing is
 * asked over at that moment, and what is sent into that is lost. And what holds is not found: Caddy 2.6 does not try another
 * container for a request with a body, not even where the first one has refused the connection.
 */
export function createCaddyRouter(
  { admin, id, live }: CaddySettings,
  own: () => Promise<Container[]>,
  clock: Clock,
): Router {
  const base = admin.replace(/\/+$/, '')

  async function ask(path: string): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      try {
        const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
        return await fetch(`${base}${path}`, { headers: { connection: 'close' }, signal })
      } catch (cause) {
        const detail = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
        if (tries === TRIES || (cause instanceof Error && cause.name === 'TimeoutError'))
          throw new RouterFailed(`Caddy does not answer at ${base}: ${messageOf(detail)}`, { cause })
        await clock.sleep(POLL_MS)
      }
    }
  }

  /** @throws RouterFailed */
  async function requireHandler(): Promise<void> {
    const answer = await ask(`/id/${id}`)
    if (!answer.ok) throw new RouterFailed(`Caddy has no handler ${id} (status ${answer.status})`)
    if (!handlerSchema.safeParse(await answer.json()).success)
      throw new RouterFailed(
        `${id} of Caddy is no reverse_proxy whose dynamic_upstreams ask the DNS (source: a)`,
      )
  }

  async function inFolder<T>(work: () => Promise<T>): Promise<T> {
    return work().catch((error: unknown) => {
      throw new RouterFailed(`${live}, where Caddy looks: ${systemCode(error) ?? messageOf(error)}`)
    })
  }

  return {
    name: `Caddy, ${id}`,

    async obstacle() {
      try {
        await requireHandler()
        await inFolder(() => access(live, constants.W_OK))
        return null
      } catch (error) {
        if (error instanceof RouterFailed) return error.message
        throw error
      }
    },

    // It looks for nothing but what is live.
    expectNew: async () => NOTHING_TO_EXPECT,

    async sendTo(targets) {
      const [wanted, ...more] = new Set(targets.map(nameOf))
      if (wanted === undefined || more.length > 0)
        throw new RouterFailed(`Caddy sends to one release: not to ${[...targets].map(nameOf).join(', ')}`)
      // Without asking Caddy: where it is its admin API that has gone, what served before has to be live again all the same.
      await inFolder(() => callLive(live, wanted))
    },

    async settle(keep, timeoutMs) {
      const kept = new Set(keep.map((container) => container.id))
      const others = (await own()).filter((container) => !kept.has(container.id))
      const addresses = others.flatMap(({ ips, labels }) => ips.map((ip) => `${ip}:${labels[LABEL.port]}`))
      const deadline = clock.now() + timeoutMs
      await clock.sleep(Math.min(COUNTED_MS, timeoutMs))
      for (;;) {
        const all = upstreamsSchema.parse(await (await ask('/reverse_proxy/upstreams')).json())
        const left = all.filter(({ address }) => addresses.includes(address.replace(/^\w+:\/\//, '')))
        if (left.every(({ num_requests: requests }) => requests === 0)) return true
        if (clock.now() >= deadline) return false
        await clock.sleep(POLL_MS)
      }
    },

    // `sendTo` has seen to it.
    async awaitUnused() {},
    byHand: (name) => [`mv ${shellWord(live)}/* ${shellWord(join(live, name))}`],
    async forgetOthers() {},
  }
}

/** As the DNS knows all containers of its release. */
function nameOf({ labels, name }: Container): string {
  const release = labels[LABEL.release]
  const service = labels['com.docker.compose.service']
  return release === undefined || service === undefined ? name : releaseAlias(service, release)
}

/** In one step: at no moment is there no file. Of several Caddy takes the first. */
async function callLive(folder: string, wanted: string): Promise<void> {
  const [current, ...strays] = (await readdir(folder)).sort()
  for (const name of strays) await rm(join(folder, name), { recursive: true, force: true })
  if (current === undefined) await writeFile(join(folder, wanted), '')
  else if (current !== wanted) await rename(join(folder, current), join(folder, wanted))
}
