import type { Clock } from '../../src/ports/clock.ts'

/** Time that passes only when somebody sleeps, or when a test says so. */
export interface FakeClock extends Clock {
  advance(ms: number): void
}

export function createFakeClock(start = Date.parse('2026-03-01T03:00:00.000Z')): FakeClock {
  let now = start
  return {
    now: () => now,
    async sleep(ms, signal) {
      if (signal?.aborted !== true) now += ms
    },
    advance(ms) {
      now += ms
    },
  }
}
