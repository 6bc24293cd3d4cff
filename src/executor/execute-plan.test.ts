import { describe, expect, test } from 'vitest'
import { type FakeService, openFakeService } from '../../test/support/fake-service.ts'
import type { Plan, StepKind } from '../domain/plan.ts'
import { OperatorError } from '../errors/operator-error.ts'
import type { RunOutcome } from './execution.ts'
import type { StepHandlers } from './step-handler.ts'

async function twoReleases(): Promise<FakeService> {
  const service = openFakeService()
  await service.deploy('none:1')
  await service.mark('proven', 'r1')
  await service.deploy('none:2')
  return service
}

const kindsOf = (verb: 'deploy' | 'rollback'): StepKind[] => [
  ...((verb === 'deploy' ? ['build-release'] : ['check-target']) as StepKind[]),
  'start-candidate',
  'probe-candidate',
  'switch-traffic',
  'verify',
  'stop-old',
]

/** The step fails: before it has done anything, or when it has done everything. */
function failing(kind: StepKind, when: 'before' | 'after') {
  return (handlers: StepHandlers): StepHandlers => ({
    ...handlers,
    [kind]: {
      ...handlers[kind],
      async run(...given: Parameters<StepHandlers[StepKind]['run']>) {
        if (when === 'after') await handlers[kind].run(...given)
        throw new OperatorError('RUNTIME_FAILED', { operation: kind, detail: 'a test' })
      },
    },
  })
}

test('a run records the intent, the effect and the end of every step, in this order', async () => {
  const service = await twoReleases()
  const outcome = await service.rollback()
  expect(outcome).toMatchObject({ status: 'succeeded', error: null })
  const events = (await service.journal.read()).filter(({ subject }) => subject === `run/${outcome.run.id}`)
  expect(events.map(({ type, data }) => ('step' in data ? `${type} ${data.step}` : type))).toEqual([
    'RunStarted',
    ...kindsOf('rollback').flatMap((kind) => [`StepStarted ${kind}`, `StepSucceeded ${kind}`]),
    'RunSucceeded',
  ])
})

const putBackBy = (verb: 'deploy' | 'rollback'): Record<'before' | 'after', StepKind[]> => ({
  before: kindsOf(verb).filter((kind) => kind !== 'stop-old' && (verb === 'deploy' || kind !== 'verify')),
  after: kindsOf(verb).filter(
    (kind) => kind !== 'stop-old' && (verb === 'deploy' || !['switch-traffic', 'verify'].includes(kind)),
  ),
})

for (const verb of ['deploy', 'rollback'] as const) {
  for (const when of ['before', 'after'] as const) {
    test.for(kindsOf(verb))(`${verb}: a failure ${when} the effect of %s`, async (kind) => {
      const service = await twoReleases()
      const options = { handlers: failing(kind, when) }
      const outcome =
        verb === 'deploy' ? await service.deploy('none:3', options) : await service.rollback(null, options)
      const putsBack = putBackBy(verb)[when].includes(kind)

      expect(outcome.status).toBe(putsBack ? 'put-back' : 'stopped')
      expect(outcome.error).toMatchObject({
        code: putsBack ? 'RUNTIME_FAILED' : 'STOPPED_PART_WAY',
        exit: putsBack ? 27 : 30,
      })
      const target = verb === 'deploy' ? 'r3' : 'r1'
      expect(service.serving()).toEqual([putsBack ? 'r2' : target])
      if (putsBack) expect(service.host.of(target)).toEqual([])
      else expect((await service.resume())?.status).toBe('succeeded')
      expect((await service.state()).live).toBe(putsBack ? 'r2' : target)
      expect(await service.journal.verify()).toMatchObject({ ok: true })
    })
  }
}

describe.each([
  ['holds', {}],
  ['is a copy that was tried', { agent: false, keepsTried: true }],
] as const)('a standby that %s', (_, settings) => {
  async function withStandby(): Promise<FakeService> {
    const service = openFakeService({ ...settings, standby: 'warm' })
    await service.deploy('none:1')
    await service.mark('proven', 'r1')
    await service.deploy('none:2')
    return service
  }
  /** Once the plan is made, which counts on it. */
  const losing = (service: FakeService) => (plan: Plan) => {
    expect(plan.steps.map(({ kind }) => kind)).not.toContain('start-candidate')
    expect(service.host.end(({ release }) => release === 'r1')).toHaveLength(1)
    return plan
  }
  const evidenceOf = ({ run }: RunOutcome) => run.steps['probe-candidate']?.evidence

  test('is asked and not booted', async () => {
    const service = await withStandby()
    const outcome = await service.rollback()
    expect(outcome).toMatchObject({ status: 'succeeded' })
    expect(evidenceOf(outcome)).not.toHaveProperty('bootMs')
  })

  test('is booted after all when it has ended since the plan was made', async () => {
    const service = await withStandby()
    const outcome = await service.rollback(null, { edit: losing(service) })
    expect(outcome).toMatchObject({ status: 'succeeded' })
    expect(evidenceOf(outcome)).toMatchObject({ bootMs: expect.any(Number) })
    expect(service.serving()).toEqual(['r1'])
  })

  test('is refused when it is sick, and left as it was', async () => {
    const service = await withStandby()
    const waiting = (await service.observe()).filter(({ release }) => release === 'r1')
    service.host.flaws.set('r1', 'sick')
    expect(await service.rollback()).toMatchObject({ status: 'put-back', error: { code: 'TARGET_SICK' } })
    expect((await service.observe()).filter(({ release }) => release === 'r1')).toEqual(waiting)
  })

  test.each([
    ['sick', 'TARGET_SICK'],
    ['crash-on-boot', 'CANDIDATE_CRASHED'],
  ] as const)('is refused when what is booted then is %s', async (flaw, code) => {
    const service = await withStandby()
    service.host.flaws.set('r1', flaw)
    const outcome = await service.rollback(null, { edit: losing(service) })
    expect(outcome).toMatchObject({ status: 'put-back', error: { code } })
    expect(service.serving()).toEqual(['r2'])
    expect((await service.observe()).filter(({ release }) => release === 'r1')).toEqual([])
  })
})

test('an optional step that fails does not fail the run', async () => {
  const service = await twoReleases()
  const outcome = await service.deploy('none:3', { handlers: failing('prune-releases', 'before') })
  expect(outcome.status).toBe('succeeded')
  expect(outcome.run.steps['prune-releases']?.status).toBe('failed')
})

test('an undo that fails stops the run, says so, and is tried again by resume', async () => {
  const service = await twoReleases()
  service.host.flaws.set('r3', 'sick-in-public')
  const outcome = await service.deploy('sick-in-public:3', {
    handlers: (handlers) => ({
      ...handlers,
      'switch-traffic': {
        ...handlers['switch-traffic'],
        undo: () => Promise.reject(new OperatorError('RUNTIME_DOWN', { detail: 'a test', fix: 'wake it' })),
      },
    }),
  })
  expect(outcome).toMatchObject({ status: 'stopped', error: { code: 'PUT_BACK_FAILED', exit: 31 } })
  expect(await service.resume()).toMatchObject({ status: 'put-back' })
  expect(service.serving()).toEqual(['r2'])
})

test.for(['start-candidate/started', 'verify/started', 'switch-traffic/activated'])(
  'a lease that is lost at %s ends the process there, and nothing more is written',
  async (point) => {
    const service = await twoReleases()
    const lost = service.rollback(null, { loseLeaseAt: point })
    await expect(lost).rejects.toMatchObject({ code: 'LEASE_LOST', exit: 41 })
    expect((await service.state()).runs.at(-1)).toMatchObject({ status: 'running', failure: null })
    expect(await service.resume()).toMatchObject({ status: 'succeeded' })
    expect(service.serving()).toEqual(['r1'])
  },
)

test.for(['check-target/started', 'start-candidate/started', 'probe-candidate/done'])(
  'Ctrl-C at %s puts back',
  async (point) => {
    const service = await twoReleases()
    const outcome = await service.rollback(null, { abortAt: point })
    expect(outcome).toMatchObject({ status: 'put-back', error: { code: 'INTERRUPTED', exit: 26 } })
    expect(service.serving()).toEqual(['r2'])
    expect(service.host.of('r1')).toEqual([])
  },
)

test.for(['switch-traffic/started', 'switch-traffic/activated', 'verify/started', 'stop-old/started'])(
  'Ctrl-C at %s of a rollback stops after the switch, and resume ends it',
  async (point) => {
    const service = await twoReleases()
    const outcome = await service.rollback(null, { abortAt: point })
    if (point === 'stop-old/started') expect(outcome.status).toBe('succeeded')
    else {
      expect(outcome).toMatchObject({
        status: 'stopped',
        error: { code: 'INTERRUPTED_AFTER_SWITCH', exit: 35 },
      })
      expect(await service.resume()).toMatchObject({ status: 'succeeded' })
    }
    expect(service.serving()).toEqual(['r1'])
  },
)

test('a plan is refused when the journal has moved on', async () => {
  const service = await twoReleases()
  const stale = service.rollback(null, { edit: (plan) => ({ ...plan, position: plan.position - 1 }) })
  await expect(stale).rejects.toMatchObject({ code: 'STALE_PLAN', exit: 17 })
})

test('a rollback is never rolled back by itself, not even when its target turns out sick', async () => {
  const service = await twoReleases()
  service.host.flaws.set('r1', 'sick-in-public')
  const outcome = await service.rollback()
  expect(outcome).toMatchObject({ status: 'stopped', error: { code: 'STOPPED_PART_WAY' } })
  expect(service.serving()).toEqual(['r1'])
  await expect(service.resume(true)).rejects.toMatchObject({ code: 'PAST_NO_RETURN' })
  expect(await service.resume()).toMatchObject({ status: 'stopped' })
  expect(service.serving()).toEqual(['r1'])
})
