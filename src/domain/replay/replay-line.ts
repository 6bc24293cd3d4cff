import { checkCounts, type LatencyCounts, latencyOf } from '../evidence/index.ts'

/** One line of a recording: what was counted of one release, or one instance of it, up to a moment. */
export interface ReplayLine {
  /** Seconds, from any beginning. */
  at: number
  release: string
  /** Empty: the release as a whole. */
  instance: string
  requests: number
  errors: number
  latency: LatencyCounts | null
  /** The latencies came one by one, as many as there were requests: then the line counts what is new. */
  listed: boolean
}

export type ReadLine = { ok: true; line: ReplayLine } | { ok: false; reason: string }

/** The year 5138, in seconds since 1970; in milliseconds it is in 1973. */
const MOST_SECONDS = 1e11

/** What is wrong with a line is said in words; the judge never sees it. */
export function readReplayLine(text: string): ReadLine {
  const no = (reason: string): ReadLine => ({ ok: false, reason })
  const parsed = parseObject(text)
  if (parsed === null) return no('it is no JSON object')
  const { at, release, instance = '', requests, errors, latency, latenciesMs } = parsed
  if (typeof at !== 'number' || !Number.isFinite(at)) return no('"at" is no number of seconds')
  if (Math.abs(at) > MOST_SECONDS) return no(`"at" is ${at} s, which is no time; is it in milliseconds?`)
  if (typeof release !== 'string' || release === '') return no('"release" is no text')
  if (typeof instance !== 'string') return no('"instance" is no text')
  if (typeof requests !== 'number') return no('"requests" is no number')
  if (typeof errors !== 'number') return no('"errors" is no number')
  if (latency !== undefined && latenciesMs !== undefined)
    return no('it has both "latency" and "latenciesMs": which is meant?')
  try {
    const counts = latencyIn(latency, latenciesMs)
    checkCounts({ requests, errors, latency: counts })
    const listed = Array.isArray(latenciesMs) && requests > 0 && latenciesMs.length === requests
    return { ok: true, line: { at, release, instance, requests, errors, latency: counts, listed } }
  } catch (error) {
    return no(error instanceof Error ? error.message : String(error))
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

function latencyIn(latency: unknown, list: unknown): LatencyCounts | null {
  if (list !== undefined && list !== null) {
    if (!isNumbers(list)) throw new RangeError('"latenciesMs" is no list of numbers')
    return latencyOf(list)
  }
  if (latency === undefined || latency === null) return null
  const { le, count } = Object(latency) as { le?: unknown; count?: unknown }
  if (!isNumbers(le) || !isNumbers(count)) throw new RangeError('"latency" needs the lists "le" and "count"')
  return { le, count }
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number')
}
