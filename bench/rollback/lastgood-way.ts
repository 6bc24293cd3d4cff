import type { StoreService } from '../../lab/store-service.ts'
import { BAD, GOOD, type Way } from './way.ts'

/** Both are the good release: one serves, and in turn the other waits as its standby. */
const TWINS = ['r1', 'r2'] as const
/** The bad release, once for each setting: as in real life, lastgood.yaml is as it was when it was deployed. */
const BAD_IDS = { none: 'r3', warm: 'r4' } as const
const STANDBYS = ['none', 'warm'] as const
const BENCH = ['--yes', '--reason', 'bench'] as const

type Host = {
  /** A standby waits for its traffic; else one task of it waits to be asked. */
  holds: boolean
  boot?: () => Promise<number>
}

/** Cold and warm share one service; its releases are built once. */
export function lastgoodWays(store: StoreService, { holds, boot }: Host = { holds: true }): Way[] {
  let prepared: Promise<void> | undefined
  const setUp = () => (prepared ??= deployAll(store))
  const wanted = holds
    ? ({ none: 'held', warm: 'standby' } as const)
    : ({ none: 'beside', warm: 'beside' } as const)
  return STANDBYS.map((standby) => ({
    ...makeWay(store, standby, wanted[standby], setUp),
    ...(standby === 'none' && boot !== undefined ? { boot } : {}),
  }))
}

async function deployAll(store: StoreService): Promise<void> {
  await store.document('deploy', GOOD, '--yes')
  await store.document('deploy', GOOD, '--yes')
  for (const standby of STANDBYS) {
    await store.configure({ standby })
    await store.document('deploy', BAD, '--yes', '--no-wait')
  }
  // From here on every run begins with what serves well.
  await store.document('rollback', TWINS[1], ...BENCH)
}

function makeWay(
  store: StoreService,
  standby: 'none' | 'warm',
  wanted: 'held' | 'standby' | 'beside',
  setUp: () => Promise<void>,
): Way {
  let lastRun: string | undefined
  let target: string = TWINS[0]
  return {
    name: standby === 'warm' ? 'lastgood-warm' : 'lastgood',
    does: standby === 'warm' ? 'lastgood rollback, with standby: warm' : 'lastgood rollback',
    url: store.url,
    setUp,
    async makeBad() {
      await store.configure({ standby })
      const live = await serving(store)
      // A rollback marks what it leaves as bad; that is taken back instead of building it again.
      await store.document('releases', 'mark', 'proven', BAD_IDS[standby], ...BENCH)
      for (const twin of TWINS) await store.document('releases', 'mark', 'proven', twin, ...BENCH)
      await store.document('rollback', BAD_IDS[standby], ...BENCH)
      await store.document('releases', 'mark', 'proven', live, ...BENCH)
      // The twin of what served until now was kept warm, if anything was.
      target = standby === 'warm' ? (TWINS.find((twin) => twin !== live) ?? live) : live
    },
    async goBack() {
      const { plan, run } = (await store.document('rollback', target, ...BENCH)) as {
        plan: { way: string; steps: { kind: string }[] }
        run: string
      }
      if (plan.way !== wanted) throw new Error(`lastgood went back by "${plan.way}", not by "${wanted}"`)
      const boots = plan.steps.some(({ kind }) => kind === 'start-candidate')
      if (boots === (standby === 'warm')) throw new Error(`the standby was ${boots ? 'not there' : 'there'}`)
      lastRun = run
    },
    rest: async () => {},
    phases: () => readPhases(store, lastRun),
  }
}

async function serving(store: StoreService): Promise<string> {
  const { serving } = (await store.document('status')) as { serving: { release: string } }
  return serving.release
}

async function readPhases(store: StoreService, run: string | undefined): Promise<Record<string, number>> {
  const { stdout } = await store.lastgood('journal', 'export')
  const events = stdout.split('\n').filter((line) => line.includes('"StepSucceeded"'))
  const phases: Record<string, number> = {}
  for (const line of events) {
    const { data } = JSON.parse(line) as { data: { run: string; kind: string; ms: number } }
    if (data.run === run) phases[data.kind] = data.ms
  }
  return phases
}
