import { describe, expect, test } from 'vitest'
import { able, inputOf, instanceOf, releasesOf, stateOf } from '../../test/support/planning.ts'
import { findPlanFlaw } from '../domain/check-plan.ts'
import type { Instance } from '../domain/instance.ts'
import type { Plan } from '../domain/plan.ts'
import { planLines } from '../render/plan-text.ts'
import { planRollback } from './plan-rollback.ts'
import type { Planned } from './refusal.ts'

function planIn(planned: Planned): Plan {
  if ('plan' in planned) return planned.plan
  throw new Error(`refused: ${planned.refused.code}`)
}
const codeIn = (planned: Planned) => ('refused' in planned ? planned.refused.code : null)

test.for<[string, string | null, string[], string | null, string]>([
  ['the newest proven one', 'r3', ['r1 proven', 'r2 proven', 'r3'], null, 'r2'],
  ['never "the previous one"', 'r4', ['r1 proven', 'r2', 'r3 bad', 'r4'], null, 'r1'],
  ['not one that is bad, proven or not', 'r3', ['r1 proven', 'r2 proven bad', 'r3'], null, 'r1'],
  ['not one whose files are gone', 'r3', ['r1 proven', 'r2 proven retired', 'r3'], null, 'r1'],
  ['forward to a newer one, if that is the last known good', 'r1', ['r1 bad', 'r2 proven'], null, 'r2'],
  ['the one that is named by its id', 'r3', ['r1 proven', 'r2 proven', 'r3'], 'r1', 'r1'],
  ['by its tag', 'r3', ['r1 proven', 'r2 proven', 'r3'], 'tag-r1', 'r1'],
  ['by its version', 'r3', ['r1 proven', 'r2 proven', 'r3'], 'v1.1.0', 'r1'],
  ['by the beginning of its commit', 'r3', ['r1 proven', 'r2 proven', 'r3'], '1111', 'r1'],
])('goes to %s', ([, live, releases, name, to]) => {
  expect(planIn(planRollback(inputOf(stateOf(live, ...releases)), name))).toMatchObject({ from: live, to })
})

test.for<[string, string | null, string[], string | null]>([
  ['NOTHING_LIVE', null, ['r1 proven'], null],
  ['NOTHING_LIVE', null, ['r1 proven'], 'r1'],
  ['NO_PROVEN_RELEASE', 'r2', ['r1', 'r2'], null],
  ['NO_PROVEN_RELEASE', 'r2', ['r1 proven bad', 'r2'], null],
  ['TARGET_IS_LIVE', 'r2', ['r1 proven', 'r2 proven'], null],
  ['TARGET_IS_LIVE', 'r2', ['r1 proven', 'r2'], 'r2'],
  ['TARGET_BAD', 'r2', ['r1 proven bad', 'r2'], 'r1'],
  ['TARGET_NOT_PROVEN', 'r2', ['r1', 'r2'], 'r1'],
  ['RELEASE_FILES_GONE', 'r2', ['r1 proven retired', 'r2'], 'r1'],
  ['UNKNOWN_RELEASE', 'r2', ['r1 proven', 'r2'], 'r9'],
  ['UNKNOWN_RELEASE', 'r2', ['r1 proven', 'r2'], ''],
  ['UNKNOWN_RELEASE', 'r2', ['r1 proven', 'r2'], '111'],
])('refuses with %s', ([code, live, releases, name]) => {
  expect(codeIn(planRollback(inputOf(stateOf(live, ...releases)), name))).toBe(code)
})

test('a name that two releases have is refused with both', () => {
  const state = stateOf('r3', 'r1 proven', 'r2 proven', 'r3')
  const same = releasesOf('r1 proven', 'r2 proven').map((release) => ({ ...release, ref: 'main' }))
  const planned = planRollback(inputOf({ ...state, releases: [...same, ...releasesOf('r3')] }), 'main')
  expect(planned).toMatchObject({
    refused: { code: 'AMBIGUOUS_RELEASE', params: { matches: 'r1 (v1.1.0, 1111111), r2 (v1.2.0, 2222222)' } },
  })
})

test('an unknown name is refused with those that are known', () => {
  expect(planRollback(inputOf(stateOf('r2', 'r1 proven', 'r2')), 'r9')).toMatchObject({
    refused: { params: { name: 'r9', known: 'r1, r2' } },
  })
})

const good = stateOf('r2', 'r1 proven', 'r2')
const serving = instanceOf('r2', 'listening')
const holding = [instanceOf('r1', 'holding'), instanceOf('r1', 'holding')] as const

test.for<[string, Parameters<typeof inputOf>[1], string, boolean]>([
  ['a warm standby takes over', { instances: [serving, ...holding] }, 'standby', false],
  ['a warm standby takes over also where nothing serves', { instances: holding }, 'standby', false],
  ['half a standby is none', { instances: [serving, ...holding.slice(1)] }, 'held', true],
  [
    'a standby of another release is none',
    { instances: [serving, instanceOf('r9', 'holding')] },
    'held',
    true,
  ],
  ['without a standby it boots beside, holding', {}, 'held', true],
  ['without the agent beside', { capabilities: able(false, true) }, 'beside', true],
  ['without either the old one stops first', { capabilities: able(false, false) }, 'stop-start', true],
])('%s', ([, changes, way, starts]) => {
  const plan = planIn(planRollback(inputOf(good, changes), null))
  expect(plan.way).toBe(way)
  expect(plan.steps.some(({ kind }) => kind === 'start-candidate')).toBe(starts)
  expect(plan.options.filter(({ taken }) => taken)).toHaveLength(1)
  for (const { reason } of plan.options) expect(reason).not.toBe('')
})

test('the target is tried before traffic moves, and from the switch on nothing is put back', () => {
  const plan = planIn(planRollback(inputOf(good), null))
  const kinds = plan.steps.map(({ kind }) => kind)
  expect(kinds.indexOf('probe-candidate')).toBeLessThan(kinds.indexOf('switch-traffic'))
  expect(plan.pointOfNoReturn).toBe('switch-traffic')
  expect(plan.dataLoss).toMatch(/^none/)
})

test('keeps a standby warm that is neither what serves nor what was left', () => {
  const settings = {
    standby: 'warm',
    verifyWindowMs: 1_000,
    drainTimeoutMs: 1_000,
    migrates: false,
    clearsCache: false,
  } as const
  const state = stateOf('r3', 'r1 proven', 'r2 proven', 'r3 proven')
  const plan = planIn(planRollback(inputOf(state, { settings }), 'r2'))
  expect(plan.steps.find(({ kind }) => kind === 'start-standby')?.params.release).toBe('r1')
  expect(plan.steps.find(({ kind }) => kind === 'stop-old')?.params.keep).toEqual(['r1'])
  const bare = inputOf(state, { settings, capabilities: able(false, true) })
  expect(planIn(planRollback(bare, 'r2')).steps.some(({ kind }) => kind === 'start-standby')).toBe(false)
})

describe('where nothing holds, and the copy that was tried goes on running', () => {
  const capabilities = able(false, true, true)
  const warm = { ...inputOf(good).settings, standby: 'warm' } as const
  const [copy] = holding
  const running = instanceOf('r2', 'running')
  const planWith = (instances: readonly Instance[], state = good) =>
    planIn(planRollback(inputOf(state, { capabilities, settings: warm, instances }), null))
  const kindsOf = ({ steps }: Plan) => steps.map(({ kind }) => kind)

  test.for<[string, Instance[], Plan['way'], boolean]>([
    ['one of the target waits', [running, copy], 'beside', false],
    ['it waits where nothing serves', [copy], 'first', false],
    ['none waits', [running], 'beside', true],
    ['another waits', [running, instanceOf('r9', 'holding')], 'beside', true],
    ['it has ended', [running, instanceOf('r1', 'down')], 'beside', true],
    ['it has only begun', [running, instanceOf('r1', 'booting')], 'beside', true],
  ])('%s', ([, instances, way, starts]) => {
    const plan = planWith(instances)
    expect(plan.way).toBe(way)
    expect(kindsOf(plan).includes('start-candidate')).toBe(starts)
    expect(kindsOf(plan), 'it is asked either way').toContain('probe-candidate')
    expect(findPlanFlaw(plan)).toBeNull()
    const taken = plan.options.find(({ taken }) => taken)
    expect(taken?.reason.endsWith('; a copy of it waits, and is asked at once')).toBe(!starts)
  })

  test('what is printed says that a copy waits, and not that it will take over', () => {
    const text = planLines(planWith([running, copy]), 200).join('\n')
    expect(text).toContain(
      '* taken     start it beside, at the shared address: both releases can take traffic; a copy of it waits, and is asked at once',
    )
    expect(text).toContain('not taken let the warm standby take over: the agent is switched off')
    expect(text).not.toContain('boots while')
  })

  test('the next one waits after it, if it may, and its step says what for', () => {
    const state = stateOf('r3', 'r1 proven', 'r2 proven', 'r3')
    const { steps } = planWith([instanceOf('r3', 'running'), instanceOf('r2', 'holding')], state)
    expect(steps.find(({ kind }) => kind === 'stop-old')?.params.keep).toEqual(['r1'])
    expect(steps.find(({ kind }) => kind === 'start-standby')).toMatchObject({
      params: { release: 'r1' },
      why: 'a copy of r1 waits outside of the traffic, so that leaving r2 needs no boot to try it',
    })
    const none = inputOf(state, { capabilities })
    expect(kindsOf(planIn(planRollback(none, null))), 'unless it is asked for').not.toContain('start-standby')
  })
})

test('says which migrations stay applied', () => {
  const releases = releasesOf('r1 proven', 'r2').map((release, index) => ({
    ...release,
    migrations: ['001', '002'].slice(0, index + 1),
  }))
  const plan = planIn(planRollback(inputOf({ ...good, releases }), null))
  expect(plan.options.at(-1)?.reason).toContain('002 stay applied')
})

test('the figures are measured where they can be', () => {
  const measured = { steps: {}, gaps: { 'stop-start': [400, 900, 600] } }
  const capabilities = able(false, false)
  const input = inputOf({ ...good, measured }, { capabilities })
  const { unavailability, eta } = planIn(planRollback(input, null))
  expect(unavailability).toEqual({ ms: 600, source: 'measured', runs: 3 })
  expect(eta.source).toBe('default')
})

test('what should serve and does not is brought back, and is not marked bad for it', () => {
  const state = stateOf('r2', 'r1 proven', 'r2 proven')
  const down = { instances: [instanceOf('r2', 'down')] }
  for (const name of [null, 'r2']) {
    expect(planIn(planRollback(inputOf(state, down), name))).toMatchObject({
      from: null,
      to: 'r2',
      way: 'first',
    })
    expect(codeIn(planRollback(inputOf(state), name))).toBe('TARGET_IS_LIVE')
  }
  expect(planIn(planRollback(inputOf(stateOf('r3', 'r2 proven', 'r3'), down), null))).toMatchObject({
    from: 'r3',
  })
})
