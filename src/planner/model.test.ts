import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FakeServiceSettings } from '../../test/support/fake-service.ts'
import { type Action, Model } from '../../test/support/service-model.ts'

const flaw = fc.constantFrom(
  ...([
    'none',
    'none',
    'none',
    'none',
    'none',
    'none',
    'none',
    'build',
    'crash-on-boot',
    'never-ready',
    'sick',
    'sick-in-public',
  ] as const),
  'cannot-listen' as const,
)
const again = fc.constantFrom(false, false, false, true)
const bakes = fc.constantFrom(true, true, false)
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('r1', 'r2', 'r3', 'r4') },
  { weight: 1, arbitrary: fc.constantFrom('r5', 'r6', 'r99', '', '../r1') },
)
/** How many crash points the process passes before it is killed; beyond the last one it lives. */
const crashAt = fc.option(fc.nat({ max: 27 }), { freq: 1 })

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('deploy' as const), flaw, again, bakes, crashAt }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('rollback' as const),
      name: fc.option(name, { freq: 2 }),
      crashAt,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('mark' as const), word: fc.constant('bad' as const), name }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('mark' as const), word: fc.constant('proven' as const), name }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('resume' as const),
      putBack: fc.boolean(),
      waits: fc.boolean(),
      crashAt,
    }),
  },
)

const settings: fc.Arbitrary<FakeServiceSettings> = fc.record({
  mode: fc.constantFrom('cluster', 'fork'),
  agent: fc.boolean(),
  keepsTried: fc.boolean(),
  standby: fc.constantFrom('none', 'warm'),
  instances: fc.constantFrom(1, 2),
  keep: fc.constantFrom(1, 3),
})

/**
 * Whatever operators do and wherever they are killed: the way back is the newest proven release that is not bad, a rollback
 * is never rolled back by itself, one release serves when nothing is unfinished, and every no is a no with a code.
 */
test('any sequence of deploy, rollback, mark, crash and resume', { timeout: 600_000 }, async () => {
  const run = fc.asyncProperty(
    settings,
    fc.array(action, { maxLength: 14, size: 'max' }),
    async (of, actions) => {
      const model = new Model(of)
      for (const each of actions) await model.take(each)
      await model.settle()
    },
  )
  const numRuns = Number(process.env.MODEL_RUNS ?? 600)
  await fc.assert(run, { numRuns, endOnFailure: false })
})

test('the model has seen what it is for', async () => {
  const model = new Model({})
  const healthy = { do: 'deploy', flaw: 'none', again: false, bakes: true, crashAt: null } as const
  await model.take(healthy)
  await model.take({ ...healthy, bakes: false })
  await model.take({ do: 'rollback', name: null, crashAt: 10 })
  expect(model.unfinished).not.toBeNull()
  await model.take({ do: 'resume', putBack: false, waits: true, crashAt: null })
  expect(model.live).toBe('r1')
})

test('it knows the copy that waits, and goes back without a boot to try it', async () => {
  const model = new Model({ agent: false, keepsTried: true, standby: 'warm' })
  const healthy = { do: 'deploy', flaw: 'none', again: false, bakes: true, crashAt: null } as const
  await model.take(healthy)
  await model.take(healthy)
  const passed = model.service.points.length
  await model.take({ do: 'rollback', name: 'r1', crashAt: null })
  expect(model.live).toBe('r1')
  const points = model.service.points.slice(passed)
  expect(points).toContain('probe-candidate/done')
  expect(points).not.toContain('start-candidate/started')
})
