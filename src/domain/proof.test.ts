import { expect, it } from 'vitest'
import { type Proof, type TriedRelease, wayBack } from './proof.ts'

const passed: TriedRelease = { outcome: 'passed', checks: [] }
const failed: TriedRelease = {
  outcome: 'failed',
  checks: [{ name: 'smoke GET /products', outcome: 'failed', evidence: '500', ms: 3 }],
}
const proof = (changes: Partial<Proof>, down: Partial<Proof['down']> = {}): Proof => ({
  release: 'r2',
  back: 'r1',
  at: '2026-03-01T03:00:00.000Z',
  ms: 1,
  copy: { kind: 'full', checkpoint: 'c1', why: null },
  up: [],
  oldCodeOnNewSchema: failed,
  newRelease: passed,
  ...changes,
  down: { kind: 'reversible', why: null, ms: 1, lost: [], differences: [], ...down },
})

it.each<[string, Proof, boolean, string]>([
  ['nothing served', proof({ back: null }, { kind: 'impossible' }), true, 'nothing served before it'],
  [
    'no migrations',
    proof({ oldCodeOnNewSchema: null }, { kind: 'not needed' }),
    true,
    'the schema stays as it is',
  ],
  [
    'old code runs',
    proof({ oldCodeOnNewSchema: passed }, { kind: 'impossible' }),
    true,
    'r1 runs on the new schema',
  ],
  ['reversible', proof({}), true, 'its migrations can be taken down, and nothing is lost'],
  [
    'lossy',
    proof({}, { kind: 'lossy', lost: [{ what: 'the rows of public.reviews', rows: 2 }] }),
    true,
    'its migrations can be taken down; with them go 2 of the rows of public.reviews',
  ],
  [
    'neither',
    proof({}, { kind: 'impossible', why: 'there is none' }),
    false,
    'r1 does not run on the new schema (smoke GET /products: 500), and its migrations cannot be taken down: there is none',
  ],
  [
    'nobody knows',
    proof(
      { oldCodeOnNewSchema: { outcome: 'unknown', checks: [] } },
      { kind: 'impossible', why: 'it fails' },
    ),
    false,
    'r1 was not seen on the new schema (nothing answered in private), and its migrations cannot be taken down: it fails',
  ],
])('says whether there is a way back: %s', (_what, given, ok, because) => {
  expect(wayBack(given)).toEqual({ ok, because })
})
