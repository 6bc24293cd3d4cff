import { expect, test } from 'vitest'
import { inputOf, stateOf } from '../../test/support/planning.ts'
import type { DatabaseFacts } from '../domain/database-facts.ts'
import { planRollback } from '../planner/plan-rollback.ts'
import { planLines } from './plan-text.ts'

const facts: DatabaseFacts = {
  problem: null,
  ahead: ['0006_prices'],
  missing: [],
  down: { ok: true, migrations: ['0006_prices'], runner: 'r2' },
  proof: {
    release: 'r2',
    back: 'r1',
    at: '2026-03-01T03:00:00.000Z',
    ms: 9_000,
    copy: { kind: 'full', checkpoint: 'c1', why: null },
    up: [],
    oldCodeOnNewSchema: {
      outcome: 'failed',
      checks: [{ name: 'GET /products', outcome: 'failed', evidence: 'status 500', ms: 3 }],
    },
    newRelease: { outcome: 'passed', checks: [] },
    down: { kind: 'lossy', why: null, ms: 20, lost: [{ what: 'products.note', rows: 120 }], differences: [] },
  },
  lostByDown: null,
  checkpoint: {
    id: 'c1',
    createdAt: '2026-03-01T02:00:00.000Z',
    bytes: 1_000,
    verified: true,
    trialMs: 41_000,
    written: [],
  },
}

test('every way for the data with what it costs, on one screen of 80 columns', () => {
  const state = stateOf('r2', 'r1 proven', 'r2')
  state.measured = { steps: { 'build-beside': [900_000] }, gaps: { swap: [44] } }
  const planned = planRollback(inputOf(state, { database: facts }), null)
  if ('refused' in planned) throw new Error(planned.refused.code)
  const lines = planLines(planned.plan, 80)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  const from = lines.findIndex((line) => line.includes('leave the database'))
  expect(lines.slice(from)).toMatchInlineSnapshot(`
    [
      "    not taken leave the database as it is: rehearsed on 2026-03-01: r1 does not",
      "              work with 0006_prices applied (GET /products: status 500)",
      "              all done after about 5.0 s (not all of it measured yet)",
      "  * taken     take the migrations down first: rehearsed on 2026-03-01: lossy",
      "    not taken restore a checkpoint beside, and swap it in: possible, and the way",
      "              taken costs less",
      "              all done after about 46.5 s (not all of it measured yet),",
      "              unavailable for 44 ms",
      "",
      "  Data lost    as rehearsed: 120 of products.note",
      "  Unavailable  not at all: both listen until the old one has let go",
      "  Traffic      moves after about 3.0 s (not all of it measured yet)",
      "  All done     after about 6.0 s (not all of it measured yet)",
    ]
  `)
  const [, down] = planned.plan.options.filter(({ eta }) => eta !== undefined)
  expect(down).toMatchObject({ taken: true, eta: planned.plan.eta })
})
