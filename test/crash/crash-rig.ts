import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { findWithin } from '../../lab/reaper/belonging.mjs'
import { listProcesses } from '../../lab/reaper/process-table.mjs'
import { waitUntil } from '../../lab/wait-until.ts'
import { runFolderPath } from '../../src/agent-client/run-folder.ts'
import type { JournalEvent } from '../../src/domain/event.ts'
import type { Plan, StepKind } from '../../src/domain/plan.ts'
import { eventsIn, inJournal } from '../support/look-into-journal.ts'
import { openTinyService, type Ran, type Settings, type TinyService } from '../support/tiny-service.ts'

interface Status {
  live: { id: string } | null
  instances: { release: string; state: string; serves: boolean; seenBy: string }[]
  unfinished: unknown
  lease: unknown
}

/** A tiny service that is killed, and what must be true of it afterwards. */
export interface CrashRig extends TinyService {
  settings: Settings
  live(): Promise<string>
  planOf(...args: string[]): Promise<Plan>
  events(after?: number): Promise<JournalEvent[]>
  /** Sends SIGINT as soon as the journal has the start of this step. */
  interruptIn(kind: StepKind, ...args: string[]): Promise<Ran>
  /** Kills the program in the middle of a step, while PM2 is starting what it was asked for. */
  killInStart(...args: string[]): Promise<Ran>
  /** This release serves, on all its instances; the standby waits; and of nothing else is anything left. */
  expectOnly(release: string, standby?: string | null): Promise<void>
}

export async function openCrashRig(name: string, changes: Partial<Settings> = {}): Promise<CrashRig> {
  const settings: Settings = { ...DEFAULTS, ...changes }
  const service = await openTinyService(name, settings)
  const { home, lab, ok } = service
  const runFolder = runFolderPath(home, 'tiny')

  const status = async () => (await ok('status')).json as unknown as Status
  const live = async () => (await status()).live?.id ?? 'nothing'
  const events = (after = 0) => eventsIn(home, after)

  async function interruptIn(kind: StepKind, ...args: string[]): Promise<Ran> {
    const before = (await events()).at(-1)?.seq ?? 0
    const { child, ended } = service.begin([...args, '--yes', '--json'])
    const hasBegun = async () =>
      (await events(before)).some(({ type, data }) => type === 'StepStarted' && data.kind === kind)
    await Promise.race([waitUntil(hasBegun, { what: `${kind} to begin`, everyMs: 10 }), ended])
    child.kill('SIGINT')
    return ended
  }

  async function killInStart(...args: string[]): Promise<Ran> {
    const { child, ended } = service.begin([...args, '--yes'])
    // The first of its processes is there; PM2 starts one after the other.
    const pids = join(lab.pm2().home, 'pids')
    const before = await readdir(pids)
    const hasBegun = async () => (await readdir(pids)).some((file) => !before.includes(file))
    await waitUntil(hasBegun, { what: 'PM2 to start a process', everyMs: 2 })
    child.kill('SIGKILL')
    return ended
  }

  async function expectOnly(release: string, standby: string | null = null): Promise<void> {
    const { instances } = settings
    const expected = { [`tiny-${release}`]: instances, ...(standby && { [`tiny-${standby}`]: instances }) }
    // One whose event loop is busy is asked again: what it is, is not known yet.
    const seen = await waitUntil(
      async () => {
        const now = await status()
        return now.instances.some(({ seenBy }) => seenBy === 'agent does not answer') ? null : now
      },
      { what: 'every instance to answer' },
    )
    expect(seen).toMatchObject({ live: { id: release }, unfinished: null, lease: null })
    const states = seen.instances.map(({ release: of, state }) => `${of} ${state}`).sort()
    const serving = Array<string>(instances).fill(`${release} ${settings.agent ? 'listening' : 'running'}`)
    const waiting = standby === null ? [] : Array<string>(instances).fill(`${standby} holding`)
    expect(states).toEqual([...serving, ...waiting].sort())

    const units = (await lab.pm2().list()).map((unit) => ({ ...unit, status: unit.pm2_env.status }))
    expect(units.filter((unit) => unit.status !== 'online')).toEqual([])
    expect(countBy(units.map((unit) => unit.name))).toEqual(expected)

    const pids = units.map((unit) => unit.pid).sort()
    const strays = () => {
      // PM2 writes the script's path over the command line, which may be too short for all of it.
      const others = findWithin(listProcesses(), lab.dir).filter(({ command }) =>
        /\/app\/index/.test(command),
      )
      return others.map(({ pid }) => pid).sort()
    }
    await waitUntil(() => strays().join() === pids.join(), {
      what: `only ${pids} to be left, not ${strays()}`,
    })

    for (let n = 0; n < 4; n += 1) expect(await service.answer()).toMatchObject(answerOf(release))
    // Without the agent there is nothing to keep in it, and so no folder.
    const left = (await readdir(runFolder).catch(() => [])).filter(
      (file) => !/^r\d+-\d+\.(ctl|app)$/.test(file),
    )
    expect(left).toEqual(standby === null ? [] : [`${standby}.hold`])
    expect(await inJournal(home, (journal) => journal.verify())).toMatchObject({ ok: true })
  }

  /** Only the agent tells the app which release it is. */
  const answerOf = (release: string) => (settings.agent ? { release } : {})

  return {
    ...service,
    settings,
    live,
    events,
    interruptIn,
    killInStart,
    expectOnly,
    planOf: async (...args) => (await ok(...args, '--plan')).json.plan as Plan,
  }
}

const DEFAULTS: Settings = {
  mode: 'cluster',
  instances: 2,
  agent: true,
  standby: 'none',
  bake: '1ms',
  window: '200ms',
  startTimeout: '60s',
  drainTimeout: '5s',
  keep: 5,
  extra: '',
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
