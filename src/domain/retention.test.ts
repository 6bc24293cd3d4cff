import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isGoodTarget, lastKnownGood, type Mark, type Release } from './release.ts'
import { releasesToRetire } from './retention.ts'

const mark: Mark = { at: '2026-01-01T00:00:00.000Z', actor: 'ann', reason: 'seen' }

function release(number: number, facts: Partial<Release> = {}): Release {
  return {
    id: `r${number}`,
    service: 'store',
    commit: null,
    ref: 'HEAD',
    subject: '',
    version: null,
    builtAt: mark.at,
    adopted: false,
    migrations: null,
    bootMs: null,
    firstLiveAt: null,
    proven: null,
    bad: null,
    retiredAt: null,
    ...facts,
  }
}

const history = fc
  .array(fc.record({ proven: fc.boolean(), bad: fc.boolean(), retired: fc.boolean() }), { maxLength: 30 })
  .map((facts) =>
    facts.map((fact, index) =>
      release(index + 1, {
        proven: fact.proven ? mark : null,
        bad: fact.bad ? mark : null,
        retiredAt: fact.retired ? mark.at : null,
      }),
    ),
  )
const state = fc.record({ releases: history, live: fc.nat(30), keep: fc.integer({ min: 0, max: 6 }) })

test('the last good ones, what serves and the newest one waiting are never retired', () => {
  fc.assert(
    fc.property(state, ({ releases, live, keep }) => {
      const liveId = live === 0 ? null : `r${live}`
      const retired = releasesToRetire(releases, liveId, keep)
      const others = releases.filter((r) => r.id !== liveId)
      const lastGood = others.filter(isGoodTarget).slice(-Math.max(1, keep))
      const waiting = others.findLast((r) => r.retiredAt === null && r.proven === null && r.bad === null)
      for (const safe of [liveId, waiting?.id, ...lastGood.map((r) => r.id)]) {
        expect(retired).not.toContain(safe)
      }
    }),
  )
})

test('retiring changes neither the last known good nor the way back from what serves', () => {
  fc.assert(
    fc.property(state, ({ releases, live, keep }) => {
      const liveId = live === 0 ? null : `r${live}`
      const gone = new Set(releasesToRetire(releases, liveId, keep))
      const after = releases.map((r) => (gone.has(r.id) ? { ...r, retiredAt: mark.at } : r))
      expect(lastKnownGood(after)?.id).toBe(lastKnownGood(releases)?.id)
      const wayBack = (all: readonly Release[]) => lastKnownGood(all.filter((r) => r.id !== liveId))?.id
      expect(wayBack(after)).toBe(wayBack(releases))
    }),
  )
})

test('what is left is bounded, nothing is retired twice, and doing it again finds nothing', () => {
  fc.assert(
    fc.property(state, ({ releases, live, keep }) => {
      const liveId = live === 0 ? null : `r${live}`
      const retired = releasesToRetire(releases, liveId, keep)
      expect(new Set(retired).size).toBe(retired.length)
      expect(releases.filter((r) => retired.includes(r.id)).every((r) => r.retiredAt === null)).toBe(true)
      const after = releases.map((r) => (retired.includes(r.id) ? { ...r, retiredAt: mark.at } : r))
      expect(after.filter((r) => r.retiredAt === null).length).toBeLessThanOrEqual(2 * Math.max(1, keep) + 2)
      expect(releasesToRetire(after, liveId, keep)).toEqual([])
    }),
  )
})

test('bad and unproven ones go before good ones, oldest first', () => {
  const releases = [
    release(1, { proven: mark }),
    release(2, { bad: mark }),
    release(3),
    release(4, { proven: mark }),
    release(5, { bad: mark, proven: mark }),
    release(6, { proven: mark }),
  ]
  expect(releasesToRetire(releases, 'r6', 1)).toEqual(['r2', 'r1'])
})

test('order of the list does not matter', () => {
  const releases = [release(10, { proven: mark }), release(9, { proven: mark }), release(2, { proven: mark })]
  expect(releasesToRetire(releases, 'r10', 1)).toEqual(['r2'])
})
