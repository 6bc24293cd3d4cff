import * as z from 'zod'

/** Nanoseconds, or as Go writes it: `1m30s`. */
const durationSchema = z.union([z.number(), z.string()]).optional()
const handlerSchema = z.object({
  handler: z.literal('reverse_proxy'),
  dynamic_upstreams: z.object({ refresh: durationSchema }).optional(),
  load_balancing: z.object({ try_duration: durationSchema }).optional(),
  health_checks: z.object({ passive: z.object({ fail_duration: durationSchema }).optional() }).optional(),
})

/** How a reverse_proxy of Caddy comes by its upstreams. */
export type CaddyHandler =
  /** They are listed in its settings. */
  | { kind: 'listed' }
  /** It asks the DNS. */
  | { kind: 'found'; refreshMs: number; triesMs: number; failedMs: number }

/** Caddy's own defaults, where nothing is said. */
const REFRESH_MS = 60_000

/** @param body of `GET /id/<id>` @returns null: that is no reverse_proxy */
export function parseHandler(body: unknown): CaddyHandler | null {
  const { data } = handlerSchema.safeParse(body)
  if (data === undefined) return null
  if (data.dynamic_upstreams === undefined) return { kind: 'listed' }
  return {
    kind: 'found',
    refreshMs: msOf(data.dynamic_upstreams.refresh) ?? REFRESH_MS,
    triesMs: msOf(data.load_balancing?.try_duration) ?? 0,
    failedMs: msOf(data.health_checks?.passive?.fail_duration) ?? 0,
  }
}

const UNITS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
  d: 8.64e7,
}

function msOf(duration: number | string | undefined): number | null {
  if (duration === undefined) return null
  if (typeof duration === 'number') return duration / 1e6
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g)]
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0), 0)
}
