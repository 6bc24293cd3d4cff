import type { CacheConfiguration, HttpPurge } from '../domain/cache-configuration.ts'
import { messageOf } from '../errors/operator-error.ts'
import type { CachePurger, Purged } from '../ports/cache-purger.ts'
import type { CommandRunner } from '../ports/command-runner.ts'
import type { LaunchRecord } from '../ports/release-store.ts'
import { checkRedis, purgeRedis } from './purge-redis.ts'

export function createCachePurger(cache: CacheConfiguration, runner: CommandRunner): CachePurger {
  return {
    async check(signal) {
      const limit = () => AbortSignal.any([signal, AbortSignal.timeout(cache.timeoutMs)])
      return Promise.all(cache.redis.map((redis) => checkRedis(redis, limit())))
    },
    async purge(launch, signal) {
      const limit = () => AbortSignal.any([signal, AbortSignal.timeout(cache.timeoutMs)])
      const results = await Promise.all([
        ...cache.redis.map((redis) => purgeRedis(redis, limit())),
        ...cache.http.map((http) => purgeHttp(http, limit())),
        ...cache.commands.map((words) => purgeByCommand(words, launch, runner, cache.timeoutMs, signal)),
      ])
      return results.flat()
    },
  }
}

/** Any 2xx is a yes. 404 is one too, to PURGE: what was never cached is gone. */
async function purgeHttp({ method, url, headers }: HttpPurge, signal: AbortSignal): Promise<Purged[]> {
  const { origin, pathname } = new URL(url)
  const what = `${method} ${origin}${pathname}`
  try {
    const { status, body } = await fetch(url, { method, headers, redirect: 'manual', signal })
    await body?.cancel()
    const ok = (status >= 200 && status < 300) || (method === 'PURGE' && status === 404)
    return [{ what, ok, keys: null, detail: `status ${status}` }]
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    return [{ what, ok: false, keys: null, detail: messageOf(cause) }]
  }
}

async function purgeByCommand(
  words: readonly string[],
  { directory, env }: Pick<LaunchRecord, 'directory' | 'env'>,
  runner: CommandRunner,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Purged[]> {
  const [program = '', ...args] = words
  const { outcome, exitCode } = await runner.run({ program, args, cwd: directory, env, timeoutMs, signal })
  const ok = outcome === 'exited' && exitCode === 0
  return [
    {
      what: words.join(' '),
      ok,
      keys: null,
      detail: outcome === 'exited' ? `exit code ${exitCode}` : outcome,
    },
  ]
}
