import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { serves } from '../../src/domain/instance.ts'
import type { Runtime } from '../../src/ports/runtime.ts'
import type { FakeFlaw } from '../support/fake-host.ts'
import type { RuntimeRig } from '../support/runtime-rig.ts'

export interface RuntimeUnderTest {
  name: string
  open(): Promise<RuntimeRig>
}

/** `RUNTIMES=fake,pm2-cluster` runs those whose name begins so. */
const wanted = (process.env.RUNTIMES ?? '').split(',')
const isWanted = ({ name }: RuntimeUnderTest) => wanted.some((start) => name.startsWith(start))

const patient = () => ({ timeoutMs: 60_000, signal: new AbortController().signal })

/** What every runtime promises, tried on each of these. @param absent `compose: dockerd: not installed`, reported as skipped */
export function testRuntimes(runtimes: readonly RuntimeUnderTest[], absent: readonly string[] = []): void {
  const chosen = runtimes.filter(isWanted)
  for (const reason of absent) test.skip(reason)
  if (chosen.length === 0 && absent.length === 0) test.skip(`RUNTIMES=${wanted.join()} names none of these`)
  describe.each(chosen)('$name', ({ open }) => contractOf(open))
}

function contractOf(open: () => Promise<RuntimeRig>): void {
  let rig: RuntimeRig
  beforeAll(async () => {
    rig = await open()
  })
  afterEach(() => rig.reset())
  afterAll(() => rig[Symbol.asyncDispose]())

  /** This release serves. */
  async function serving(release = 'r1'): Promise<Runtime> {
    const runtime = rig.open()
    const launch = await rig.launch(release)
    await runtime.prepare(release, launch, patient())
    await runtime.switchTo(release, launch, patient())
    await runtime.stopOthers([release], 1_000)
    return runtime
  }
  const served = async (runtime: Runtime) =>
    (await runtime.observe('full')).filter(serves).map(({ release }) => release)
  const all = (release: string) => Array<string>(rig.instances).fill(release)

  test('prepares beside what serves, switches, stops, and forgets', async () => {
    const runtime = await serving()
    expect(await served(runtime)).toEqual(all('r1'))
    const launch = await rig.launch('r2')
    expect(await runtime.addresses('r2')).toEqual([])

    const preparing = { over: false }
    const prepared = runtime.prepare('r2', launch, patient()).finally(() => {
      preparing.over = true
    })
    const answers = new Set<string | null>()
    while (!preparing.over) answers.add(await rig.ask())
    const started = await prepared
    expect(answers, 'whoever asks meanwhile').toEqual(new Set(['r1']))
    expect(started.instances).toBe(rig.shape.agent ? rig.instances : 1)
    expect(started.bootMs).toBeGreaterThan(0)
    const addresses = await runtime.addresses('r2')
    expect(addresses).toHaveLength(started.instances)
    for (const address of addresses) expect(await rig.askPrivately(address)).toBe('r2')
    expect(await rig.ask(), 'no traffic moved').toBe('r1')
    expect(await served(runtime)).toEqual(all('r1'))
    // Another process of lastgood goes on from what is there.
    expect(await rig.open().addresses('r2')).toEqual(addresses)
    const again = await runtime.prepare('r2', launch, patient())
    const capabilities = runtime.capabilities(launch)
    if (capabilities.holds || capabilities.keepsTried)
      expect(again).toEqual({ instances: started.instances, bootMs: null })
    expect(capabilities).toMatchObject({ holds: rig.shape.agent, sideBySide: rig.shape.mode === 'cluster' })
    expect(runtime.expected(launch)).toMatchObject({ instances: rig.instances })
    expect(await runtime.missing('r2', launch)).toEqual([])
    const switched = await runtime.switchTo('r2', launch, patient())
    expect(switched.gapMs > 0).toBe(!capabilities.sideBySide)
    for (let n = 0; n < 4; n += 1) expect(await rig.ask()).toBe('r2')
    expect(await served(runtime)).toEqual(all('r2'))
    await runtime.switchTo('r2', launch, patient())
    expect(await served(runtime), 'twice is as once').toEqual(all('r2'))

    await runtime.stopOthers(['r2'], 1_000)
    expect((await runtime.stopOthers(['r2'], 1_000)).stopped).toEqual([])
    expect(new Set(await rig.units())).toEqual(new Set(['store-r2']))
    expect(await rig.ask()).toBe('r2')

    await runtime.stop('r2')
    await runtime.stop('r2')
    expect(await rig.units()).toEqual([])
    expect(await runtime.observe('full')).toEqual([])
    expect(await rig.ask()).toBeNull()
  })

  test('the copy that was tried goes on running where it may wait, and ends with the switch', async (context) => {
    const runtime = await serving()
    const launch = await rig.launch('r2')
    if (!runtime.capabilities(launch).keepsTried) return context.skip('none of it goes on running')
    const seen = async () =>
      (await rig.open().observe('quick')).map(({ release, state }) => `${release} ${state}`).sort()
    const serves = (release: string) => all(release).map((each) => `${each} running`)
    await runtime.prepare('r2', launch, patient())
    expect((await runtime.stopOthers(['r1', 'r2'], 1_000)).stopped).toEqual([])
    expect(await seen()).toEqual([...serves('r1'), 'r2 holding'])
    expect(await runtime.prepare('r2', launch, patient())).toEqual({ instances: 1, bootMs: null })
    const [address] = await runtime.addresses('r2')
    expect(address && (await rig.askPrivately(address))).toBe('r2')
    expect(await rig.ask(), 'no traffic goes to it').toBe('r1')

    await runtime.switchTo('r2', launch, patient())
    await runtime.stopOthers(['r2', 'r1'], 1_000)
    expect(await seen(), 'what serves needs none').toEqual(serves('r2'))
    expect(await runtime.addresses('r2')).toEqual([])
    await runtime.prepare('r1', await rig.launch('r1'), patient())
    expect((await runtime.stopOthers(['r2'], 1_000)).stopped).not.toEqual([])
    expect(await seen(), 'nor one that may not wait').toEqual(serves('r2'))
  })

  test('whoever asks while the traffic moves, and while what served is stopped, is answered', async (context) => {
    const runtime = await serving()
    const launch = await rig.launch('r2')
    const { holds, sideBySide } = runtime.capabilities(launch)
    if (!holds || !sideBySide) return context.skip('there may be a gap here')
    await runtime.prepare('r2', launch, patient())
    const moving = { over: false }
    const moved = runtime
      .switchTo('r2', launch, patient())
      .then(() => runtime.stopOthers(['r2'], 1_000))
      .finally(() => {
        moving.over = true
      })
    const answers: (string | null)[] = []
    while (!moving.over) answers.push(await rig.ask())
    await moved
    expect(answers.filter((answer) => answer !== 'r1' && answer !== 'r2')).toEqual([])
    expect(await rig.ask()).toBe('r2')
  })

  test('goes forth and back between the same two releases', async () => {
    const runtime = await serving()
    const [first, second] = [await rig.launch('r1'), await rig.launch('r2')]
    await runtime.prepare('r2', second, patient())
    await runtime.switchTo('r2', second, patient())
    await rig.open().switchTo('r1', first, patient())
    expect(await served(runtime)).toEqual(all('r1'))
    expect(await rig.ask()).toBe('r1')
    await runtime.stop('r2')
    expect(await rig.ask()).toBe('r1')
  })

  test.for<[FakeFlaw, string[]]>([
    // Where nobody is in the process, PM2 may keep it running after its module has thrown.
    ['crash-on-boot', ['CANDIDATE_CRASHED', 'CANDIDATE_NOT_READY']],
    ['never-ready', ['CANDIDATE_NOT_READY']],
  ])('a candidate with %s leaves nothing', async ([flaw, codes]) => {
    const runtime = await serving()
    const launch = await rig.launch('r2', flaw)
    // Without the agent a crash may look like a boot that takes long: then the whole time is waited for.
    const patience = rig.shape.agent ? 60_000 : 3_000
    const failed = await runtime
      .prepare('r2', launch, { ...patient(), timeoutMs: flaw === 'never-ready' ? 1_500 : patience })
      .then(String, (error: { code: string }) => error.code)
    expect(rig.shape.agent ? codes.slice(0, 1) : codes).toContain(failed)
    expect(new Set(await rig.units())).toEqual(new Set(['store-r1']))
    expect(await runtime.addresses('r2')).toEqual([])
    expect(await rig.ask()).toBe('r1')
  })

  test('a candidate that is interrupted leaves nothing', async () => {
    const runtime = await serving()
    const abort = new AbortController()
    const launch = await rig.launch('r2', 'never-ready')
    const started = runtime.prepare('r2', launch, { timeoutMs: 60_000, signal: abort.signal })
    abort.abort(new Error('Ctrl-C'))
    await expect(started).rejects.toThrow('Ctrl-C')
    expect(new Set(await rig.units())).toEqual(new Set(['store-r1']))
  })

  test('a switch that fails leaves the traffic where it was', async () => {
    const runtime = await serving()
    const launch = await rig.launch('r2', 'cannot-listen')
    const failed = await runtime
      .prepare('r2', launch, patient())
      .then(() => runtime.switchTo('r2', launch, { ...patient(), timeoutMs: 4_000 }))
      .then(String, (error: { code: string }) => error.code)
    expect(['ACTIVATION_FAILED', 'PORT_TAKEN', 'CANDIDATE_CRASHED', 'CANDIDATE_NOT_READY']).toContain(failed)
    const { holds, sideBySide } = runtime.capabilities(launch)
    if (!holds && !sideBySide) await runtime.switchTo('r1', await rig.launch('r1'), patient())
    expect(await rig.ask()).toBe('r1')
    expect(await served(runtime)).toEqual(all('r1'))
  })

  test("a stranger on the port is said, and nothing of the candidate's takes traffic", async (context) => {
    if (rig.takePort === null) return context.skip('behind its router nobody else can have its port')
    const runtime = rig.open()
    const launch = await rig.launch('r1')
    await runtime.prepare('r1', launch, patient())
    const free = await rig.takePort()
    const failed = await runtime
      .switchTo('r1', launch, { ...patient(), timeoutMs: 6_000 })
      .then(String, (error: { code: string }) => error.code)
      .finally(free)
    expect(failed).toBe('PORT_TAKEN')
    await runtime.stop('r1')
    expect(await rig.units()).toEqual([])
  })

  test('sees what somebody started by hand, and stops it with the rest', async () => {
    const runtime = rig.open()
    expect(await runtime.inspectUnmanaged()).toBeNull()
    await rig.startByHand()
    expect(await runtime.inspectUnmanaged()).toMatchObject({ unit: 'store', instances: 1 })
    const [stranger] = await runtime.observe('full')
    expect(stranger).toMatchObject({ release: null, unit: 'store', state: 'running' })

    const launch = await rig.launch('r1')
    await runtime.prepare('r1', launch, patient())
    await runtime.switchTo('r1', launch, patient())
    await runtime.stopOthers(['r1'], 1_000)
    expect(await served(runtime)).toEqual(all('r1'))
    expect(new Set(await rig.units())).toEqual(new Set(['store-r1']))
  })

  test('what runs now is what runs after a reboot, where the host is set up for that', async () => {
    const runtime = await serving()
    expect(await runtime.persist()).toBe(rig.comesBack)
    await rig.setUpReboot()
    const launch = await rig.launch('r2')
    await runtime.prepare('r2', launch, patient())
    await runtime.switchTo('r2', launch, patient())
    await runtime.stopOthers(['r2'], 1_000)
    expect(await runtime.persist()).toBe(true)
    expect(new Set(await rig.savedUnits())).toEqual(new Set(['store-r2']))
  })

  test('a runtime that is down is said to be down, and not woken', async () => {
    const runtime = await serving()
    expect(await runtime.available('look')).toEqual({ ok: true })
    await rig.bringDown()
    expect(await runtime.available('look')).toMatchObject({ ok: false, code: 'RUNTIME_DOWN' })
    await expect(runtime.observe('full')).rejects.toMatchObject({ code: 'RUNTIME_DOWN' })
    expect(await runtime.available('look')).toMatchObject({ ok: false })
    if (!rig.wakes) return await expect(runtime.bringUp()).rejects.toMatchObject({ code: 'RUNTIME_DOWN' })
    await runtime.bringUp()
    expect(await runtime.available('look')).toEqual({ ok: true })
  })

  test('says what it is, where its log goes, and what to type without it', async () => {
    const runtime = rig.open()
    const launch = await rig.launch('r1')
    expect(runtime.claim).toContain('store')
    expect(runtime.logOf('r1')).toMatch(/store-r1.*\.log$/)
    const { start, stop, status } = runtime.describe('r1', launch)
    for (const lines of [start, stop, status]) expect(lines.length).toBeGreaterThan(0)
  })
}
