import type { Instance } from '../../src/domain/instance.ts'
import type { ReleaseId } from '../../src/domain/release.ts'
import { OperatorError } from '../../src/errors/operator-error.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { LaunchRecord } from '../../src/ports/release-store.ts'
import type {
  PrepareOptions,
  PrivateAddress,
  Runtime,
  RuntimeCapabilities,
  StartedRelease,
  Switched,
} from '../../src/ports/runtime.ts'
import { FakeHost, type FakeProcess } from './fake-host.ts'

const BOOT_MS = 400
const FORK_GAP_MS = 5

export interface FakeRuntimeParts {
  host?: FakeHost
  clock: Clock
  /** Called inside the switch, at the places the real runtime has. */
  crash?: (point: string) => void
}

const isShared = ({ runtime }: LaunchRecord) => runtime.kind === 'pm2' && runtime.mode === 'cluster'

const capable = (holds: boolean, sideBySide: boolean, keepsTried: boolean): RuntimeCapabilities => ({
  holds,
  sideBySide,
  keepsTried,
  obstacles: { holds: 'the agent is switched off', sideBySide: 'there is one port' },
})

/** Instances in memory, with a real one's behaviour: they boot, hold, listen and drain, and a crash leaves them as they are. */
export function createFakeRuntime({
  host = new FakeHost(),
  clock,
  crash = () => {},
}: FakeRuntimeParts): Runtime {
  const unit = (release: ReleaseId) => `${host.app}-${release}`
  const capabilitiesOf = (launch: LaunchRecord) =>
    capable(launch.runtime.agent, isShared(launch), host.keepsTried)
  const own = (release: ReleaseId) => (process: FakeProcess) => process.release === release
  const requireUp = () => {
    if (!host.up) throw new OperatorError('RUNTIME_DOWN', { detail: 'the fake is down', fix: 'wake it' })
  }

  async function boot(release: ReleaseId, launch: LaunchRecord, options: PrepareOptions, probe: boolean) {
    const { agent, instances } = launch.runtime
    if (agent) host.holds.add(release)
    const count = probe ? 1 : instances
    const facts = { release, unit: unit(release) + (probe ? '-probe' : ''), probe, agent }
    for (let n = 0; n < count; n += 1) host.start({ ...facts, state: 'booting', startedAt: clock.now() })
    try {
      await waitReady(release, options, count)
    } catch (error) {
      forget(release)
      throw error
    }
    for (const process of host.processes.filter(own(release))) {
      if (process.state === 'booting')
        process.state = agent || (probe && host.keepsTried) ? 'holding' : 'running'
    }
  }

  async function waitReady(release: ReleaseId, options: PrepareOptions, instances: number): Promise<void> {
    const flaw = host.flaws.get(release)
    const log = logOf(release)
    options.signal.throwIfAborted()
    await clock.sleep(flaw === 'never-ready' ? options.timeoutMs : BOOT_MS, options.signal)
    options.signal.throwIfAborted()
    if (flaw === 'crash-on-boot') throw new OperatorError('CANDIDATE_CRASHED', { release, log })
    const seconds = options.timeoutMs / 1000
    if (flaw === 'never-ready')
      throw new OperatorError('CANDIDATE_NOT_READY', { release, seconds, ready: 0, instances, log })
  }

  /** Outside of the traffic, beside what serves. */
  function waiting(): FakeProcess[] {
    return host.processes.filter(({ probe, state }) => host.keepsTried && probe && state === 'holding')
  }

  function forget(release: ReleaseId): void {
    host.end(own(release))
    host.holds.delete(release)
  }

  async function prepare(
    release: ReleaseId,
    launch: LaunchRecord,
    options: PrepareOptions,
  ): Promise<StartedRelease> {
    requireUp()
    const { agent, instances } = launch.runtime
    const there = host.of(release).filter(({ state }) => state === 'holding' || state === 'listening')
    if (agent && there.length >= instances) return { instances, bootMs: null }
    if (waiting().some(own(release))) return { instances: 1, bootMs: null }
    if (agent) forget(release)
    else host.end((process) => process.probe && process.release === release)
    await boot(release, launch, options, !agent)
    return { instances: agent ? instances : 1, bootMs: BOOT_MS }
  }

  /** What took traffic before takes it again, and the target lets go. */
  function takeBack(release: ReleaseId, before: readonly FakeProcess[]): void {
    for (const process of before) {
      process.state = process.agent ? 'listening' : 'running'
      if (process.release !== null) host.holds.delete(process.release)
    }
    host.holds.add(release)
    for (const process of host.of(release)) if (process.state === 'listening') process.state = 'holding'
  }

  function listen(release: ReleaseId, before: readonly FakeProcess[]): void {
    const taken = host.strangerOnPort
    if (taken || host.flaws.get(release) === 'cannot-listen') {
      takeBack(release, before)
      if (taken) throw new OperatorError('PORT_TAKEN', { port: 3000, holder: '' })
      throw new OperatorError('ACTIVATION_FAILED', { release, detail: 'EACCES', log: logOf(release) })
    }
    host.holds.delete(release)
    for (const process of host.of(release)) process.state = 'listening'
  }

  function letGo(others: readonly FakeProcess[]): void {
    for (const process of others) {
      if (process.release !== null && process.agent) host.holds.add(process.release)
      if (process.agent) process.state = 'draining'
      else host.end(({ pid }) => pid === process.pid)
    }
  }

  async function switchHeld(release: ReleaseId, launch: LaunchRecord, options: PrepareOptions) {
    const { instances } = launch.runtime
    const usable = host.of(release).filter(({ state }) => state !== 'booting' && state !== 'down')
    if (usable.length < instances) await prepare(release, launch, options)
    const others = host.listening().filter((process) => process.release !== release)
    if (isShared(launch)) {
      listen(release, others)
      crash('switch-traffic/activated')
      letGo(others)
      return { gapMs: 0, ms: 1 }
    }
    letGo(others.filter(({ agent }) => agent))
    crash('switch-traffic/let-go')
    listen(release, others)
    letGo(others.filter(({ agent }) => !agent))
    return { gapMs: FORK_GAP_MS, ms: FORK_GAP_MS }
  }

  async function switchOpen(
    release: ReleaseId,
    launch: LaunchRecord,
    options: PrepareOptions,
  ): Promise<Switched> {
    const spared = waiting()
    host.end((process) => own(release)(process) && !spared.includes(process))
    const others = [...host.processes]
    const start = async () => {
      if (host.strangerOnPort || host.flaws.get(release) === 'cannot-listen') {
        host.processes = others
        throw new OperatorError('PORT_TAKEN', { port: 3000, holder: '' })
      }
      await boot(release, launch, options, false)
    }
    const isOther = (process: FakeProcess) => process.release !== release && !spared.includes(process)
    if (isShared(launch)) {
      await start()
      crash('switch-traffic/let-go')
      host.end(isOther)
      return { gapMs: 0, ms: BOOT_MS }
    }
    crash('switch-traffic/let-go')
    host.end(isOther)
    await start()
    return { gapMs: BOOT_MS, ms: BOOT_MS }
  }

  function logOf(release: ReleaseId): string {
    return `/var/log/${unit(release)}-error.log`
  }

  return {
    kind: 'fake',
    claim: `fake app ${host.app}`,
    hints: { list: 'list', bringBack: 'start it', remove: 'stop what is too much', persist: null },
    capabilities: (launch) => capabilitiesOf(launch),
    expected: (last) => ({
      capabilities: last === null ? capable(true, true, false) : capabilitiesOf(last),
      instances: last?.runtime.instances ?? 1,
    }),
    missing: async () => [],
    forget: async () => {},
    advise: async () => [],

    async available() {
      return host.up
        ? { ok: true }
        : { ok: false, code: 'RUNTIME_DOWN', detail: 'the fake is down', fix: 'wake it', startable: true }
    },
    async bringUp() {
      host.up = true
    },
    async observe() {
      requireUp()
      return host.processes.filter(({ probe }) => !probe || host.keepsTried).map(instanceOf)
    },
    prepare,

    async addresses(release): Promise<PrivateAddress[]> {
      const copies = host.processes.filter(
        ({ agent, probe, release: of, state }) => of === release && state !== 'booting' && (agent || probe),
      )
      return copies.map(({ pid, agent }) =>
        agent ? { socketPath: String(pid) } : { host: '127.0.0.1', port: pid },
      )
    },

    async switchTo(release, launch, options) {
      requireUp()
      return launch.runtime.agent
        ? switchHeld(release, launch, options)
        : switchOpen(release, launch, options)
    },

    async stopOthers(keep) {
      requireUp()
      const serving = host.listening().map(({ release }) => release)
      const mayWait = waiting().filter(({ release }) => !serving.includes(release))
      const stopped = host.end(
        (process) =>
          (process.probe && !mayWait.includes(process)) ||
          process.release === null ||
          !keep.includes(process.release),
      )
      for (const release of host.holds) if (!keep.includes(release)) host.holds.delete(release)
      return { stopped, drained: true }
    },

    async stop(release) {
      requireUp()
      forget(release)
    },

    async inspectUnmanaged() {
      requireUp()
      const [first, ...more] = host.processes.filter((process) => process.unit === host.app)
      if (first === undefined) return null
      return {
        unit: first.unit,
        summary: 'index.mjs',
        directory: '/srv/store',
        env: { PORT: '3000' },
        instances: more.length + 1,
        settings: {
          kind: 'pm2',
          app: host.app,
          script: 'index.mjs',
          args: [],
          nodeArgs: [],
          mode: 'cluster',
          instances: more.length + 1,
          port: 3000,
          portVariable: 'PORT',
          agent: true,
          options: {},
        },
      }
    },

    async persist() {
      if (host.saved === null) return false
      host.saved = [...new Set(host.processes.map((process) => process.unit))]
      return true
    },

    logOf,
    describe: (release) => ({
      start: [`start ${unit(release)}`],
      stop: [`stop ${unit(release)}`],
      status: ['list'],
    }),
  }
}

function instanceOf(process: FakeProcess): Instance {
  const { pid, release, unit, state, startedAt } = process
  const traffic = { requests: 0, serverErrors: 0, inFlight: 0, connections: 0 }
  return { id: String(pid), release, unit, state, seenBy: 'fake', startedAt, restarts: 0, traffic }
}
