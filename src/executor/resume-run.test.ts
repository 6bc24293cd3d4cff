import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type FakeService,
  type FakeServiceSettings,
  Killed,
  openFakeService,
} from '../../test/support/fake-service.ts'
import type { Plan, Step } from '../domain/plan.ts'
import { isOperatorError } from '../errors/operator-error.ts'
import { crashPointsOf, undoPointsOf } from './crash-points.ts'

const deployKinds = [
  'build-release',
  'start-candidate',
  'probe-candidate',
  'switch-traffic',
  'verify',
  'stop-old',
  'prune-releases',
] as const
const inside = (of: FakeServiceSettings) =>
  of.mode === 'cluster' && of.agent ? 'switch-traffic/activated' : 'switch-traffic/let-go'

async function twoReleases(settings: FakeServiceSettings): Promise<FakeService> {
  const service = openFakeService(settings)
  await service.deploy('none:1')
  await service.mark('proven', 'r1')
  await service.deploy('none:2')
  return service
}

async function killed(run: Promise<unknown>, service: FakeService): Promise<void> {
  await expect(run).rejects.toBeInstanceOf(Killed)
  service.expireLease()
}

for (const mode of ['cluster', 'fork'] as const) {
  for (const agent of [true, false]) {
    const settings = { mode, agent }
    const points = [...crashPointsOf(deployKinds.map((kind) => ({ kind }))), inside(settings)]

    test.for(points)(`${mode}, agent ${agent}: a deploy killed at %s`, async (point) => {
      const service = await twoReleases(settings)
      await killed(service.deploy('none:3', { crashAt: point }), service)
      expect(await service.resume()).toMatchObject({ status: 'succeeded' })
      expect(service.serving()).toEqual(['r3'])
      expect(service.host.processes.every(({ release, probe }) => release === 'r3' && !probe)).toBe(true)
      expect(await service.resume()).toBeNull()
    })

    const undone = undoPointsOf('verify', ['switch-traffic', 'start-candidate'])
    test.for(undone)(`${mode}, agent ${agent}: a failed deploy killed at %s`, async (point) => {
      const service = await twoReleases(settings)
      await killed(service.deploy('sick-in-public:3', { crashAt: point }), service)
      expect(await service.resume()).toMatchObject({ status: 'put-back' })
      expect(service.serving()).toEqual(['r2'])
      expect((await service.state()).live).toBe('r2')
      expect(service.host.processes.every(({ release, probe }) => release === 'r2' && !probe)).toBe(true)
    })
  }
}

test('a resumed run observes before it acts: what is done is not done again', async () => {
  const service = await twoReleases({})
  await killed(service.rollback(null, { crashAt: 'switch-traffic/done' }), service)
  await service.resume()
  const succeeded = (await service.journal.read()).findLast(
    ({ type, data }) => type === 'StepSucceeded' && data.step === 'switch-traffic',
  )
  expect(succeeded?.data).toMatchObject({ evidence: { foundDone: true } })
})

test('a switch that boots what serves goes on until all of it is there', async () => {
  const service = await twoReleases({ agent: false })
  await killed(service.rollback(null, { crashAt: 'switch-traffic/done' }), service)
  service.host.processes.splice(0, 1)
  expect(service.serving()).toEqual(['r1'])
  expect(await service.resume()).toMatchObject({ status: 'succeeded' })
  expect(service.host.processes.map(({ release }) => release)).toEqual(['r1', 'r1'])
})

test('a copy that went with its machine before it was asked is started again', async () => {
  for (const point of ['start-candidate/recorded', 'probe-candidate/started']) {
    const service = await twoReleases({})
    await killed(service.rollback(null, { crashAt: point }), service)
    service.host.processes = service.host.processes.filter(({ release }) => release === 'r2')
    expect(await service.resume()).toMatchObject({ status: 'succeeded' })
    expect(service.serving()).toEqual(['r1'])
  }
})

test('put back on purpose is possible until the point of no return', async () => {
  const before = await twoReleases({})
  await killed(before.rollback(null, { crashAt: 'switch-traffic/started' }), before)
  expect(await before.resume(true)).toMatchObject({ status: 'put-back' })
  expect(before.serving()).toEqual(['r2'])

  const after = await twoReleases({})
  await killed(after.rollback(null, { crashAt: 'switch-traffic/activated' }), after)
  await expect(after.resume(true)).rejects.toMatchObject({ code: 'PAST_NO_RETURN' })
  expect(await after.resume()).toMatchObject({ status: 'succeeded' })
  expect(after.serving()).toEqual(['r1'])
})

/** A person saved the plan, edited it, and gave it back. */
const edits: fc.Arbitrary<(plan: Plan) => Plan> = fc
  .record({
    drop: fc.oneof(fc.constant<number[]>([]), fc.subarray([0, 1, 2, 3, 4, 5], { maxLength: 2 })),
    shuffle: fc.constantFrom(false, false, true),
    twice: fc.constantFrom(false, false, true),
    release: fc.constantFrom(null, null, 'r1', 'r2', 'r99', ''),
    from: fc.constantFrom(undefined, undefined, null, 'r77'),
    kind: fc.constantFrom(null, null, 'no-such-kind', 'toString', 'stop-old'),
    pointOfNoReturn: fc.constantFrom(undefined, undefined, null, 'verify', 'no-such-step'),
  })
  .map((how) => (plan: Plan) => {
    const kept = plan.steps.filter((_, index) => !how.drop.includes(index))
    const ordered = how.shuffle ? kept.toReversed() : kept
    const steps = (how.twice ? [...ordered, ...ordered] : ordered).map((step, index) => {
      const params = {
        ...step.params,
        ...(how.release === null ? {} : { release: how.release }),
        ...(how.from === undefined ? {} : { from: how.from }),
      }
      const kind = how.kind === null || index !== 1 ? step.kind : (how.kind as Step['kind'])
      return { ...step, kind, params }
    })
    const { pointOfNoReturn = plan.pointOfNoReturn } = how
    return { ...plan, steps, pointOfNoReturn }
  })

test('an edited plan is refused, or is run as one that was not', async () => {
  const crashAt = fc.option(fc.nat({ max: 16 }))
  const run = fc.asyncProperty(edits, crashAt, fc.boolean(), async (edit, point, wantPutBack) => {
    const service = await twoReleases({})
    const options = { edit, ...(point === null ? {} : { crashAt: point }) }
    const acceptable = (error: unknown) => {
      if (error instanceof Killed) service.expireLease()
      else if (!isOperatorError(error) || !['PLAN_INVALID', 'PAST_NO_RETURN'].includes(error.code))
        throw error
    }
    await service.rollback(null, options).catch(acceptable)
    await service.resume(wantPutBack).catch(acceptable)
    await service.resume().catch(acceptable)
    expect(service.serving()).toEqual([(await service.state()).live])
    expect(await service.journal.verify()).toMatchObject({ ok: true })
  })
  await fc.assert(run, { numRuns: 100 })
})
