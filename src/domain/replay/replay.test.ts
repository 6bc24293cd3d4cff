import { expect, test } from 'vitest'
import { seededRandom } from '../../../lab/traffic/random.ts'
import { DEFAULT_POLICY } from '../evidence/index.ts'
import { tellCounting } from './counting.ts'
import { type ReplayLine, readReplayLine } from './replay-line.ts'
import { Replayer } from './replayer.ts'

const line = (at: number, requests: number, errors: number, more: Partial<ReplayLine> = {}): ReplayLine => ({
  ...{ at, release: 'r2', instance: '', requests, errors, latency: null, listed: false },
  ...more,
})

const replayer = (changes: Partial<ConstructorParameters<typeof Replayer>[0]> = {}) =>
  new Replayer({
    ...{ policy: { ...DEFAULT_POLICY, slotMs: 'request' }, counting: 'increment', baseline: null },
    ...{ switchedAt: null, ...changes },
  })

test.for([
  ['{"at": 1, "release": "r2", "requests": 10, "errors": 1}', null],
  ['{"at": 1, "release": "r2", "requests": 2, "errors": 0, "latenciesMs": [1, 2.5]}', null],
  ['{"at": 1, "release": "r2", "requests": 3, "errors": 0, "latency": {"le": [10], "count": [2, 1]}}', null],
  ['<html>', 'it is no JSON object'],
  ['{"at": "1", "release": "r2", "requests": 1, "errors": 0}', '"at" is no number of seconds'],
  ['{"at": 1764130000000, "release": "r2", "requests": 1, "errors": 0}', 'is it in milliseconds?'],
  ['{"at": 1, "release": "r2", "requests": -1, "errors": 0}', 'requests: -1'],
  ['{"at": 1, "release": "r2", "requests": null, "errors": 0}', '"requests" is no number'],
  ['{"at": 1, "release": "r2", "requests": 1, "errors": 2}', '2 errors of 1 requests'],
  [
    '{"at": 1, "release": "r2", "requests": 1, "errors": 0, "latency": {"le": [1], "count": [1]}}',
    '1 bounds',
  ],
] as const)('%s', ([text, wrong]) => {
  const read = readReplayLine(text)
  if (wrong === null) expect(read.ok).toBe(true)
  else expect(read).toMatchObject({ ok: false, reason: expect.stringContaining(wrong) })
})

test('totals rise, increments do not', () => {
  const random = seededRandom(1)
  const increments = Array.from({ length: 100 }, (_, i) => line(i, Math.floor(random() * 20), 0))
  const totals = increments.map((each, i) =>
    line(each.at, 1_000 + increments.slice(0, i + 1).reduce((sum, { requests }) => sum + requests, 0), 0),
  )
  expect(tellCounting(increments)).toBe('increment')
  expect(tellCounting(totals)).toBe('total')
  expect(tellCounting(Array.from({ length: 100 }, (_, i) => line(i, 10, 0)))).toBe('increment')
  expect(tellCounting([line(1, 10, 0), line(2, 20, 0)])).toBe('increment')
})

test('three failures of three are enough, and the same from totals', () => {
  const increments = replayer()
  const totals = replayer({ counting: 'total' })
  for (let at = 0; at <= 10; at++) {
    expect(increments.take(line(at, 1, 1))).toBe(null)
    expect(totals.take(line(at, 500 + at, 100 + at))).toBe(null)
  }
  for (const played of [increments, totals])
    expect(played.results()).toMatchObject([
      { judgement: { outcome: 'bad', triggers: [{ trigger: 'error-rate', requests: 3 }] } },
    ])
})

test('a counter that fell began anew; a clock that goes back is not believed', () => {
  const played = replayer({ counting: 'total' })
  expect(played.take(line(1, 100, 0))).toBe(null)
  // Errors that were read a moment after the requests.
  expect(played.take(line(2, 110, 12))).toBe(null)
  expect(played.take(line(3, 5, 0))).toBe(null)
  expect(played.total.requests).toBe(15)
  expect(played.take(line(3, 6, 0))).toMatch(/a second line of r2 at 3 s/)
  expect(played.take(line(2, 6, 0))).toMatch(/2 s is before 3 s/)
  expect(played.total.requests).toBe(15)
})

test('what happens to both at the same time is no fault of the new one', () => {
  const played = replayer({ policy: DEFAULT_POLICY })
  for (let at = 1; at <= 120; at++) {
    played.take(line(at, 50, 25, { release: 'r1' }))
    played.take(line(at, 50, 25))
  }
  const named = (release: string) => played.results().find((each) => each.release === release)?.judgement
  expect(named('r2')).toMatchObject({ outcome: 'undecided', triggers: [{ veto: 'both-sick' }] })
})
