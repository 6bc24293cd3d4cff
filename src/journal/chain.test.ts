import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { NewEvent } from '../domain/event.ts'
import { canonicalJson } from './canonical-json.ts'
import { emptyChain, type SealedEvent, sealEvents, unsealEvent, walkChain } from './chain.ts'

const event = (n: number): NewEvent => ({
  type: 'RunSucceeded',
  service: 'store',
  subject: `run/${n}`,
  actor: 'ann',
  data: { run: `${n}`, ms: n },
})

describe('canonicalJson', () => {
  it('gives one text, whatever the order of the keys', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}')
  })

  it('is the same after reading it back, with keys that look like numbers too', () => {
    const text = canonicalJson({
      '10': 1,
      '9': 2,
      ä: -0,
      z: undefined,
      a: 1e21,
      ['__proto__']: { y: 1, x: 2 },
    })
    expect(canonicalJson(JSON.parse(text))).toBe(text)
    expect(JSON.stringify(JSON.parse(text))).toBe(text)
  })
})

describe('chain', () => {
  const sealed = sealEvents(emptyChain, [1, 2, 3, 4].map(event), Date.parse('2026-03-01T03:00:00Z'))
  const last = at(4)

  it('holds when nothing was touched', () => {
    expect(walkChain(sealed, last)).toEqual({ ok: true, events: 4, broken: null, head: last.hash })
    expect(walkChain(sealed, at(2)).ok).toBe(true)
    expect(walkChain([], null)).toEqual({ ok: true, events: 0, broken: null, head: '0'.repeat(64) })
  })

  it('can be checked with nothing but a sha-256 program', () => {
    const line = JSON.stringify(unsealEvent(last))
    const withoutHash = line.replace(/,"hash":"[0-9a-f]{64}"}$/, '}')
    expect(createHash('sha256').update(withoutHash).digest('hex')).toBe(last.hash)
  })

  it('goes on where it ended', () => {
    const more = sealEvents(last, [event(5)], 0)
    expect(walkChain([...sealed, ...more], null)).toMatchObject({ ok: true, events: 5 })
  })

  it.each<[string, SealedEvent[], number, RegExp]>([
    [
      'a changed body',
      replace(3, { ...at(3), body: at(3).body.replace('"ms":3', '"ms":4') }),
      3,
      /hash differs/,
    ],
    ['a changed body with its hash made anew', replace(3, reseal(3, 'ms":9')), 4, /previous hash differs/],
    ['an event taken out', sealed.filter((one) => one.seq !== 2), 2, /event 2 is missing: after 1 comes 3/],
    ['the first taken out', sealed.slice(1), 1, /event 1 is missing: after 0 comes 2/],
    ['the end cut off', sealed.slice(0, 2), 3, /end is missing: it ends at event 2, and event 4/],
    ['everything gone', [], 1, /end is missing/],
    ['another end put there', replace(4, reseal(4, 'ms":9')), 4, /history was replaced/],
    ['a body that is not JSON', replace(2, { ...at(2), body: '{', hash: sha256('{') }), 2, /not JSON/],
    ['an event in another place', replace(2, { ...at(3), seq: 2 }), 2, /says it is event 3/],
  ])('notices %s', (_what, events, seq, reason) => {
    const report = walkChain(events, last)
    expect(report).toMatchObject({ ok: false, events: seq - 1, broken: { seq } })
    expect(report.broken?.reason).toMatch(reason)
  })

  it('reports how far it came when reading fails', () => {
    function* breaking() {
      yield at(1)
      throw new Error('disk image is malformed')
    }
    expect(walkChain(breaking(), null)).toMatchObject({
      ok: false,
      broken: { seq: 2, reason: expect.stringContaining('malformed') },
    })
  })

  function at(seq: number): SealedEvent {
    const found = sealed.find((one) => one.seq === seq)
    if (found === undefined) throw new Error(`no event ${seq}`)
    return found
  }

  function replace(seq: number, by: SealedEvent): SealedEvent[] {
    return sealed.map((one) => (one.seq === seq ? by : one))
  }

  function reseal(seq: number, ms: string): SealedEvent {
    const body = at(seq).body.replace(`ms":${seq}`, ms)
    return { seq, body, hash: sha256(body) }
  }
})

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
