import { expect, test } from 'vitest'
import { releasesOf } from '../../test/support/planning.ts'
import type { DatabaseFacts, FittingCheckpoint } from '../domain/database-facts.ts'
import type { Proof } from '../domain/proof.ts'
import { chooseDataWay, type DataRequest } from './choose-data-way.ts'

const [target] = releasesOf('r1 proven')
if (target === undefined) throw new Error('no release')

const proofOf = (oldCode: 'passed' | 'failed', down: Proof['down']['kind'], back = 'r1'): Proof => ({
  release: 'r2',
  back,
  at: '2026-03-01T03:00:00.000Z',
  ms: 9_000,
  copy: { kind: 'full', checkpoint: 'c1', why: null },
  up: [],
  oldCodeOnNewSchema: {
    outcome: oldCode,
    checks: [{ name: 'GET /products', outcome: oldCode, evidence: 'status 500', ms: 3 }],
  },
  newRelease: { outcome: 'passed', checks: [] },
  down: {
    kind: down,
    why: down === 'impossible' ? '2_drop has no way down' : null,
    ms: 20,
    lost: down === 'lossy' ? [{ what: 'products.note', rows: 120 }] : [],
    differences: [],
  },
})

const table = (to: number) => ({
  schema: 'public',
  name: 'orders',
  before: 10,
  now: 10 + to,
  inserted: { from: to, to },
  updated: { from: 0, to: 2 },
  deleted: { from: 0, to: 0 },
  notes: [],
})

const checkpoint: FittingCheckpoint = {
  id: 'c1',
  createdAt: '2026-03-01T02:00:00.000Z',
  bytes: 1_000,
  verified: true,
  trialMs: 2_000,
  written: [table(7)],
}

const factsWith = (changes: Partial<DatabaseFacts> = {}): DatabaseFacts => ({
  problem: null,
  ahead: ['2_drop'],
  missing: [],
  down: { ok: true, migrations: ['2_drop'], runner: 'r2' },
  proof: null,
  lostByDown: null,
  checkpoint: null,
  ...changes,
})
const NO_DOWN: DatabaseFacts['down'] = { ok: false, why: '2_drop has no way down' }

const figure = (ms: number) => ({ ms, source: 'measured' as const, runs: 1 })
const COSTS = {
  keep: { unavailability: figure(0), eta: figure(5_000) },
  down: { unavailability: figure(0), eta: figure(6_000) },
  restore: { unavailability: figure(40), eta: figure(19_000) },
}

const choose = (facts: DatabaseFacts, request: Partial<DataRequest> = {}) =>
  chooseDataWay(facts, target, { way: null, corrupt: false, ...request }, (way) => COSTS[way])

test.for<[string, Partial<DatabaseFacts>, Partial<DataRequest>, string]>([
  ['the schema is the same', { ahead: [] }, {}, 'keep'],
  [
    'the database cannot be asked, and no migration lies between',
    { ahead: [], problem: 'refused' },
    {},
    'keep',
  ],
  [
    'the old code was seen to work on the new schema',
    { proof: proofOf('passed', 'lossy'), checkpoint },
    {},
    'keep',
  ],
  [
    'it does not, and the way down was rehearsed',
    { proof: proofOf('failed', 'lossy'), checkpoint },
    {},
    'down',
  ],
  ['the way down is none', { proof: proofOf('failed', 'impossible'), checkpoint }, {}, 'restore'],
  ['nothing was rehearsed, and there is a checkpoint', { checkpoint }, {}, 'restore'],
  [
    'the rehearsal was of another way back',
    { proof: proofOf('passed', 'reversible', 'r9'), checkpoint },
    {},
    'restore',
  ],
  ['the rows are damaged, whatever was rehearsed', { ahead: [], checkpoint }, { corrupt: true }, 'restore'],
  ['the operator says so', { checkpoint }, { way: 'keep' }, 'keep'],
  ['the operator says so, unrehearsed', { checkpoint }, { way: 'down' }, 'down'],
])('when %s', ([, facts, request, way]) => {
  expect(choose(factsWith(facts), request)).toMatchObject({ way })
})

test.for<[string, Partial<DatabaseFacts>, Partial<DataRequest>, string]>([
  ['nothing is proven', {}, {}, 'NO_PROVEN_WAY'],
  ['the rows are damaged and there is no checkpoint', { ahead: [] }, { corrupt: true }, 'NO_PROVEN_WAY'],
  [
    'the database cannot be asked, and a migration lies between',
    { problem: 'refused', down: NO_DOWN },
    {},
    'NO_PROVEN_WAY',
  ],
  ['the target needs what is not applied', { ahead: [], missing: ['3_more'] }, {}, 'NO_PROVEN_WAY'],
  ['the way asked for is none', { down: NO_DOWN, checkpoint }, { way: 'down' }, 'WAY_IMPOSSIBLE'],
  ['there is nothing to restore', {}, { way: 'restore' }, 'WAY_IMPOSSIBLE'],
])('holds when %s', ([, facts, request, code]) => {
  expect(choose(factsWith(facts), request)).toMatchObject({ refused: { code } })
})

test('says why each cheaper way was not taken, and what is lost', () => {
  const chosen = choose(factsWith({ proof: proofOf('failed', 'impossible'), checkpoint }))
  if ('refused' in chosen) throw new Error(chosen.refused.code)
  expect(chosen.options.map(({ taken, reason }) => [taken, reason])).toEqual([
    [false, 'rehearsed on 2026-03-01: r1 does not work with 2_drop applied (GET /products: status 500)'],
    [false, 'rehearsed on 2026-03-01: impossible, 2_drop has no way down'],
    [true, 'c1 of 2026-03-01T02:00, restored for trial before'],
  ])
  expect(chosen.loss).toBe(
    'written since c1 (2026-03-01T02:00): orders 7 new, 0 to 2 changed. It is kept, and lastgood salvage brings it back',
  )
})

test('each way that can be taken carries what it costs, the others nothing', () => {
  const chosen = choose(factsWith({ proof: proofOf('failed', 'lossy'), checkpoint }))
  if ('refused' in chosen) throw new Error(chosen.refused.code)
  expect(chosen.options.map(({ taken, eta, unavailability }) => [taken, eta?.ms, unavailability.ms])).toEqual(
    [
      [false, 5_000, 0],
      [true, 6_000, 0],
      [false, 19_000, 40],
    ],
  )
  const without = choose(factsWith({ down: NO_DOWN }), { way: 'keep' })
  if ('refused' in without) throw new Error(without.refused.code)
  expect(without.options.map(({ eta, dataLoss }) => [eta, dataLoss])).toEqual([
    [figure(5_000), 'none: the database is not touched'],
    [null, null],
    [null, null],
  ])
})

test('says what a down takes away, counted in the rehearsal', () => {
  expect(choose(factsWith({ proof: proofOf('failed', 'lossy') }))).toMatchObject({
    loss: 'as rehearsed: 120 of products.note',
  })
  const lostByDown = [{ what: 'products.note', rows: 131 }]
  expect(choose(factsWith({ proof: proofOf('failed', 'lossy'), lostByDown }))).toMatchObject({
    loss: 'counted now: 131 of products.note',
  })
  expect(choose(factsWith({ proof: proofOf('failed', 'reversible') }))).toMatchObject({
    loss: 'none: taking 2_drop down lost no value in the rehearsal',
  })
})
