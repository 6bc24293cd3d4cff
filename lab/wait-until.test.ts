import { expect, test } from 'vitest'
import { waitUntil } from './wait-until.ts'

test('returns the first truthy answer', async () => {
  let asked = 0
  const answer = await waitUntil(() => (++asked === 3 ? 'here' : undefined), {
    what: 'the third answer',
    everyMs: 1,
  })
  expect(answer).toBe('here')
})

test('an error is "not yet"', async () => {
  let asked = 0
  const condition = async () => {
    if (++asked < 3) throw new Error('refused')
    return asked
  }
  await expect(waitUntil(condition, { what: 'a connection', everyMs: 1 })).resolves.toBe(3)
})

test('says what was waited for and the last answer', async () => {
  const waiting = waitUntil(() => 0, { what: 'two workers', timeoutMs: 20, everyMs: 5 })
  await expect(waiting).rejects.toThrow('waited 20 ms for two workers; the last answer was 0')
})

test('says what was waited for and the last error', async () => {
  const refuse = () => Promise.reject(new Error('ECONNREFUSED'))
  await expect(waitUntil(refuse, { what: 'the store', timeoutMs: 20, everyMs: 5 })).rejects.toThrow(
    'waited 20 ms for the store; the last answer failed with Error: ECONNREFUSED',
  )
})
