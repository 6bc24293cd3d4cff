import { afterEach, beforeEach, expect, test } from 'vitest'
import { waitUntil } from '../../lab/wait-until.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { keepLease } from './keep-lease.ts'

const LEASE = { service: 'store', token: 'x' }
const clock = createFakeClock()
let abort: AbortController
let beats: number
/** What becomes of each beat. */
let renew: () => Promise<boolean>
let stop: () => void

beforeEach(() => {
  abort = new AbortController()
  beats = 0
  const journal = {
    renew: () => {
      beats++
      return renew()
    },
  }
  renew = async () => true
  stop = keepLease({ journal, clock }, LEASE, { leaseMs: 10_000, everyMs: 1, lost: 'WATCH_LOST' }, abort)
})
afterEach(() => stop())

const someBeats = () => {
  const before = beats
  return waitUntil(() => beats > before + 2, { what: 'some beats', everyMs: 1 })
}
const full = () => Promise.reject(new OperatorError('DISK_FULL', { what: 'the home', path: '/home' }))

test('a journal that cannot be written for a moment takes nothing away', async () => {
  await someBeats()
  renew = full
  clock.advance(9_000)
  await someBeats()
  expect(abort.signal.aborted).toBe(false)
  renew = async () => true
  await someBeats()
  renew = full
  clock.advance(9_000)
  await someBeats()
  expect(abort.signal.aborted).toBe(false)
})

test('once it may be over, the signal says what kept it from being renewed', async () => {
  renew = full
  clock.advance(10_000)
  await waitUntil(() => abort.signal.aborted, { what: 'the end' })
  expect(abort.signal.reason).toMatchObject({ code: 'DISK_FULL' })
})

test('one that is somebody else’s is lost at once', async () => {
  renew = async () => false
  await waitUntil(() => abort.signal.aborted, { what: 'the end' })
  expect(abort.signal.reason).toMatchObject({ code: 'WATCH_LOST' })
})
