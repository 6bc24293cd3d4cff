import { isPrepared } from '../../agent-client/prepared.ts'
import { sharedFolder } from '../../agent-client/run-folder.ts'
import { whyUnavailable } from '../../docker/engine.ts'
import { forgetImage, inspectImage, releaseTag } from '../../docker/images.ts'
import { missingImage, type Pull, requireImage } from '../../docker/release-image.ts'
import type { ComposeLaunch, LaunchRecord } from '../../ports/release-store.ts'
import type {
  PrivateAddress,
  Runtime,
  RuntimeAvailability,
  RuntimeCapabilities,
} from '../../ports/runtime.ts'
import { advise } from './advise.ts'
import { describeByHand } from './by-hand.ts'
import { LABEL } from './commands.ts'
import { type ComposeContext, logPath } from './compose-context.ts'
import { NO_COMPOSE } from './compose-program.ts'
import { inspectUnmanaged } from './inspect-unmanaged.ts'
import { forgetContainer } from './kept-container.ts'
import { containersOf, foreignContainers, isProbe, observeInstances, ownContainers } from './observe.ts'
import { ownLaunch } from './own-launch.ts'
import { agentsOf, startHeld, startProbeCopy } from './start-release.ts'
import { stopOtherUnits, stopUnused } from './stop-units.ts'
import { switchHeld, switchOpen, switchPublished } from './switch-traffic.ts'

export interface ComposeExpectations {
  agent: boolean
  instances: number | null
  /** The service as the Compose file says today, with this image. */
  describe(image: ComposeLaunch['image']): Promise<ComposeLaunch>
  pull: Pull
}

/** Releases of one service of a Compose project; each is a project of its own beside it. */
export function createComposeRuntime(context: ComposeContext, expected: ComposeExpectations): Runtime {
  const { engine, router, service, runFolder, clock } = context
  const { pull } = expected
  const capabilitiesOf = (agent: boolean): RuntimeCapabilities => ({
    holds: agent && router !== null,
    sideBySide: router !== null,
    keepsTried: false,
    obstacles: {
      holds: agent ? NO_ROUTER : 'the agent is switched off',
      sideBySide: NO_ROUTER,
    },
  })
  const haveImage = ({ runtime }: LaunchRecord<ComposeLaunch>) => requireImage(engine, runtime.image, pull)

  return {
    kind: 'compose',
    claim: `service ${context.composeService} of the Compose project ${context.project} on ${engine.address}`,
    hints: {
      list: `docker ps --filter label=com.docker.compose.service=${context.composeService}`,
      bringBack: 'docker start the containers that ended (docker ps -a shows them)',
      remove: 'docker rm -f what is too much',
      // The restart policy is a part of each container, and those that are stopped are gone.
      persist: null,
    },
    capabilities: (launch) => capabilitiesOf(launch.runtime.agent),
    expected: (last) => ({
      capabilities: capabilitiesOf(expected.agent),
      instances: expected.instances ?? last?.runtime.instances ?? 1,
    }),

    available: (purpose) => available(context, purpose),

    /** The engine is a service of the host, and not ours to start. */
    async bringUp() {
      await engine.ask('GET', '/_ping')
    },

    observe: (depth) => observeInstances(context, depth),

    async prepare(release, record, options) {
      const launch = ownLaunch(record)
      await haveImage(launch)
      if (router === null || !launch.runtime.agent) return startProbeCopy(context, release, launch, options)
      return startHeld(context, router, release, launch, options)
    },

    missing: (release, record) =>
      missingImage(engine, ownLaunch(record).runtime.image, { service, release, pull }),

    async addresses(release): Promise<PrivateAddress[]> {
      const copies = (await containersOf(context, release)).filter(
        (container) => isProbe(container) && container.status === 'running',
      )
      const [copy] = copies
      if (copy !== undefined) {
        const port = Number(copy.labels[LABEL.port])
        return copy.ips.slice(0, 1).map((host) => ({ host, port }))
      }
      const agents = await agentsOf(context, release)
      return agents.map(({ socket }) => ({ socketPath: socket.private }))
    },

    async switchTo(release, record, options) {
      const launch = ownLaunch(record)
      await haveImage(launch)
      if (router === null) return switchPublished(context, release, launch, options)
      if (!launch.runtime.agent) return switchOpen(context, router, release, launch, options)
      const prepared = await isPrepared(sharedFolder(runFolder), clock, release, launch.runtime.instances)
      if (!prepared) await startHeld(context, router, release, launch, options)
      return switchHeld(context, router, release, launch)
    },

    stopOthers: (keep, drainTimeoutMs) => stopOtherUnits(context, keep, drainTimeoutMs),

    stop: (release) => stopUnused(context, release),

    async forget(release) {
      await forgetContainer(context, release)
      await forgetImage(engine, releaseTag(service, release))
    },

    async advise(record) {
      const launch = ownLaunch(record)
      return advise(
        launch,
        capabilitiesOf(launch.runtime.agent),
        await inspectImage(engine, launch.runtime.image.id),
      )
    },

    inspectUnmanaged: () => inspectUnmanaged(context, expected.describe),

    /** What is to be there after a reboot has a restart policy, and what is not to be there is gone. */
    async persist() {
      const own = (await ownContainers(context)).filter((container) => !isProbe(container))
      return own.length > 0 && own.every(({ restartPolicy }) => restartPolicy !== 'no')
    },

    logOf: (release) => logPath(context, release),

    describe: (release, launch) => describeByHand(context.project, release, ownLaunch(launch), router),
  }
}

const NO_ROUTER = "nothing routes: the host's port goes straight to one release at a time"

/** Changes nothing, and starts nothing. */
async function available(context: ComposeContext, purpose: 'look' | 'change'): Promise<RuntimeAvailability> {
  if ((await context.program.locate()) === null)
    return { ok: false, code: 'RUNTIME_MISSING', ...NO_COMPOSE, startable: false }
  try {
    const foreign = await foreignContainers(context)
    if (foreign.length === 0) return purpose === 'look' ? { ok: true } : await canRoute(context)
    const homes = [...new Set(foreign.map(({ labels }) => labels[LABEL.home]))].join(', ')
    const names = foreign.map(({ name }) => name).join(' ')
    return {
      ok: false,
      code: 'MANAGED_ELSEWHERE',
      detail: `${names} belong to the home ${homes}`,
      fix: `use that home (--home), or, where it is gone: docker rm -f ${names}`,
      startable: false,
    }
  } catch (error) {
    return whyUnavailable(error)
  }
}

/** Found out when traffic is to move, it would be too late to leave everything as it is. */
async function canRoute({ router }: ComposeContext): Promise<RuntimeAvailability> {
  const detail = (await router?.obstacle()) ?? null
  if (detail === null) return { ok: true }
  const fix = 'start it, or mend runtime.router in the configuration'
  return { ok: false, code: 'ROUTER_DOWN', detail, fix, startable: false }
}
