import * as z from 'zod'
import type { CacheConfiguration } from '../domain/cache-configuration.ts'
import { choiceOf, duration, expecting, mapOf } from './scalar-schemas.ts'
import { commandSchema, textMap } from './word-schemas.ts'

const A_REDIS_URL = `a URL such as redis://:\${PASSWORD}@127.0.0.1:6379/0`

export const cacheSchema = mapOf('a map with redis, http or commands', {
  redis: z
    .array(
      mapOf('a map with url and prefixes', {
        url: z
          .string({ error: expecting(A_REDIS_URL) })
          .refine((text) => URL.canParse(text) && /^rediss?:\/\/./.test(text), {
            error: `must be ${A_REDIS_URL}`,
          })
          .describe('The server, its password and the number of its database.'),
        prefixes: z
          .array(
            z
              .string({ error: expecting('a prefix') })
              .min(1, 'would remove every key: write what they begin with'),
            {
              error: expecting('a list of prefixes'),
            },
          )
          .min(1, 'would remove nothing: write what the keys begin with')
          .describe('Keys that begin with one of these are removed, and no other: ["product:", "category:"]'),
      }),
      { error: expecting('a list of Redis servers') },
    )
    .prefault([])
    .describe('Redis, Valkey or anything that speaks their protocol. Never FLUSHALL.'),
  http: z
    .array(
      mapOf('a map with at least a url', {
        method: choiceOf('method', ['PURGE', 'BAN', 'POST', 'DELETE', 'PUT', 'GET'])
          .default('PURGE')
          .describe('What the cache in front understands.'),
        url: z.url({ protocol: /^https?$/, error: 'must be a URL' }).describe('What is asked.'),
        headers: textMap('a header name', /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/)
          .prefault({})
          .describe(`Headers to send. A token belongs in a variable: Bearer \${CDN_TOKEN}`),
      }),
      { error: expecting('a list of requests') },
    )
    .prefault([])
    .describe('Requests that empty a cache in front of the service.'),
  commands: z
    .array(commandSchema, { error: expecting('a list of commands') })
    .prefault([])
    .describe('Run in the folder of the release that is gone back to, with its environment.'),
  timeout: duration(100)
    .prefault('30s')
    .describe('What takes longer has failed; the rollback stands all the same.'),
}).refine(({ redis, http, commands }) => redis.length + http.length + commands.length > 0, {
  error: 'says of no cache how it is emptied: redis, http or commands',
})

export function cacheOf({ timeout, ...cache }: z.output<typeof cacheSchema>): CacheConfiguration {
  return { ...cache, timeoutMs: timeout }
}
