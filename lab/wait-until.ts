import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'

/** The time is for a machine that is busy with ten other things: who waits for what comes does not wait any longer for it. */
export type Patience = { what: string; timeoutMs?: number; everyMs?: number }

/**
 * Asks again and again until the answer is truthy, and returns it. An error counts as "not yet". When time is up, the
 * error says what was waited for and what the last answer was.
 */
export async function waitUntil<T>(
  condition: () => T | Promise<T>,
  patience: Patience,
): Promise<NonNullable<T>> {
  const { what, timeoutMs = 30_000, everyMs = 25 } = patience
  const giveUpAt = Date.now() + timeoutMs
  for (;;) {
    const last = await ask(condition)
    if (last.value) return last.value
    if (Date.now() >= giveUpAt) {
      const seen =
        'error' in last ? `failed with ${String(last.error)}` : `was ${inspect(last.value, { depth: 3 })}`
      throw new Error(`waited ${timeoutMs} ms for ${what}; the last answer ${seen}`, { cause: last.error })
    }
    await pause(everyMs)
  }
}

async function ask<T>(condition: () => T | Promise<T>): Promise<{ value?: T; error?: unknown }> {
  try {
    return { value: await condition() }
  } catch (error) {
    return { error }
  }
}
