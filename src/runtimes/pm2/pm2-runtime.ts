import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { letGo } from '../../agent-client/let-go.ts'
import { isPrepared } from '../../agent-client/prepared.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { shellWord } from '../../domain/shell-word.ts'
import { isOperatorError, OperatorError } from '../../errors/operator-error.ts'
import type { LaunchRecord, Pm2Launch } from '../../ports/release-store.ts'
import type { PrivateAddress, Runtime, RuntimeCapabilities } from '../../ports/runtime.ts'
import { errorLogPath, pingArgs, probeUnitName, saveArgs, unitName } from './commands.ts'
import { inspectUnmanaged } from './inspect-unmanaged.ts'
import { observeInstances } from './observe.ts'
import { ownLaunch } from './own-launch.ts'
import { logFolder, type Pm2Context } from './pm2-context.ts'
import { accepts } from './port.ts'
import { agentsOf, startHeld, startOpen, startProbeCopy } from './start-release.ts'
import { stopOtherUnits, stopRelease } from './stop-units.ts'
import { switchAgents } from './switch-traffic.ts'

const COMMAND_TIMEOUT_MS = 20_000

/** What the configuration says of releases that are yet to be built. */
export interface Pm2Expectations {
  agent: boolean
  mode: 'cluster' | 'fork' | null
  instances: number | null
  portVariable: string
  /** Where the service is when nothing on it tells. */
  fallbackPort: number
}

/** Releases of one service, as apps of one PM2. */
export function createPm2Runtime(context: Pm2Context, expected: Pm2Expectations): Runtime {
  // Probe copies of apps without the agent, by the port each was given.
  const probeCopies = new Map<ReleaseId, { port: number; bootMs: number }>()
  const launches = new Map<ReleaseId, LaunchRecord<Pm2Launch>>()

  return {
    kind: 'pm2',
    claim: `pm2 app ${context.app} in ${context.program.home}`,

    hints: {
      list: 'pm2 list',
      bringBack: 'pm2 resurrect',
      remove: 'pm2 delete what is too much',
      persist: 'pm2 save',
    },

    capabilities: (launch) => capabilitiesOf(ownLaunch(context, launch).runtime),

    expected(last) {
      const before = last?.runtime.kind === 'pm2' ? last.runtime : null
      const mode = expected.mode ?? before?.mode ?? 'cluster'
      return {
        capabilities: capabilitiesOf({ agent: expected.agent, mode }),
        instances: expected.instances ?? before?.instances ?? 1,
      }
    },

    available: () => context.program.available(),

    async bringUp() {
      await context.program.runOrFail(pingArgs(), COMMAND_TIMEOUT_MS)
    },

    observe: (depth) => observeInstances(context, depth),

    async prepare(release, record, options) {
      const launch = ownLaunch(context, record)
      launches.set(release, launch)
      if (launch.runtime.agent) return startHeld(context, release, launch, options)
      const started = await startProbeCopy(context, release, launch, options)
      probeCopies.set(release, { port: started.port, bootMs: started.bootMs ?? 0 })
      return { instances: 1, bootMs: started.bootMs }
    },

    // All it needs is in the store, which is asked by itself.
    missing: async () => [],

    async addresses(release): Promise<PrivateAddress[]> {
      const copy = probeCopies.get(release)
      if (copy !== undefined) return [{ host: '127.0.0.1', port: copy.port }]
      const agents = await agentsOf(context, release)
      if (agents.length > 0) return agents.map(({ socket }) => ({ socketPath: socket.private }))
      const left = await findProbePort(context, release, expected.portVariable)
      return left === null ? [] : [{ host: '127.0.0.1', port: left }]
    },

    async switchTo(release, record, options) {
      const launch = ownLaunch(context, record)
      launches.set(release, launch)
      if (launch.runtime.agent) {
        const prepared = await isPrepared(context.runFolder, context.clock, release, launch.runtime.instances)
        if (!prepared) await startHeld(context, release, launch, options)
        return switchAgents(context, release, launch)
      }
      const startedAt = context.clock.now()
      const { mode } = launch.runtime
      const bootMs = probeCopies.get(release)?.bootMs ?? 2_000
      await stopRelease(context, release)
      probeCopies.delete(release)
      const start = () => startOpen(context, release, launch, options, bootMs).catch(explainPort(launch))
      if (mode === 'cluster') {
        await start()
        await letGo(context.runFolder, release)
      }
      context.crash('switch-traffic/let-go')
      let letGoAt = context.clock.now()
      await stopOtherUnits(context, [release], launch.configuration.drainTimeoutMs, () => {
        letGoAt = context.clock.now()
      })
      if (mode === 'fork') {
        await refuseTaken(launch)
        await start()
      }
      const now = context.clock.now()
      return { gapMs: mode === 'fork' ? now - letGoAt : 0, ms: now - startedAt }
    },

    stopOthers: (keep, drainTimeoutMs) => stopOtherUnits(context, keep, drainTimeoutMs),

    async stop(release) {
      await stopRelease(context, release)
      probeCopies.delete(release)
    },

    forget: async () => {},

    async advise(launch) {
      const { sideBySide, obstacles } = capabilitiesOf(ownLaunch(context, launch).runtime)
      if (sideBySide) return []
      return [{ text: `${obstacles.sideBySide}: every switch leaves a gap`, fix: GAPLESS }]
    },

    inspectUnmanaged: () => inspectUnmanaged(context, expected.portVariable, expected.fallbackPort),

    async persist() {
      // Only where the user has set up `pm2 save` before: a dump that still names the bad release would bring it back at
      // the next boot.
      const dump = join(context.program.home, 'dump.pm2')
      if (!(await stat(dump).catch(() => null))) return false
      await context.program.runOrFail(saveArgs(), COMMAND_TIMEOUT_MS)
      return true
    },

    logOf(release) {
      const name = probeCopies.has(release) ? probeUnitName : unitName
      return errorLogPath(logFolder(context), name(context.app, release), launches.get(release) ?? null)
    },

    describe: (release, launch) => describeByHand(context, release, ownLaunch(context, launch)),
  }
}

const GAPLESS =
  'exec_mode: "cluster" in the ecosystem file, or mode: cluster under runtime; then: lastgood deploy'

function capabilitiesOf({ agent, mode }: Pick<Pm2Launch, 'agent' | 'mode'>): RuntimeCapabilities {
  return {
    holds: agent,
    sideBySide: mode === 'cluster',
    keepsTried: false,
    obstacles: {
      holds: 'the agent is switched off',
      sideBySide: 'in fork mode two releases cannot listen on one port',
    },
  }
}

/** With all of ours stopped, whoever answers there is a stranger; the app's own start would look as if it had worked. */
async function refuseTaken({ runtime: { port } }: LaunchRecord<Pm2Launch>): Promise<void> {
  if (await accepts(port)) throw new OperatorError('PORT_TAKEN', { port, holder: '' })
}

function explainPort({ runtime: { port } }: LaunchRecord<Pm2Launch>): (error: unknown) => never {
  return (error) => {
    const taken = isOperatorError(error) && error.details.some((line) => line.includes('EADDRINUSE'))
    throw taken ? new OperatorError('PORT_TAKEN', { port, holder: '' }, { cause: error }) : error
  }
}

/** The copy that a killed process has left: PM2 was told its port. */
async function findProbePort(
  context: Pm2Context,
  release: ReleaseId,
  variable: string,
): Promise<number | null> {
  const name = probeUnitName(context.app, release)
  const copy = (await context.program.list()).find(
    (process) => process.name === name && process.status === 'online',
  )
  const port = Number(copy?.env[variable])
  return Number.isInteger(port) && port > 0 ? port : null
}

/** What a person types when lastgood itself is gone. */
function describeByHand(context: Pm2Context, release: ReleaseId, launch: LaunchRecord<Pm2Launch>) {
  const { runtime, directory } = launch
  const unit = unitName(context.app, release)
  const mode = runtime.mode === 'cluster' ? [`-i ${runtime.instances}`] : []
  return {
    start: [
      `cd ${shellWord(directory)}`,
      `pm2 delete ${unit} >/dev/null 2>&1 || true # a standby of it, or what crashed`,
      ['pm2 start', shellWord(runtime.script), '--name', unit, '--namespace', context.app, ...mode].join(' '),
    ],
    stop: [`pm2 delete ${unit}`],
    status: ['pm2 list', `pm2 logs ${unit} --lines 50`],
  }
}
