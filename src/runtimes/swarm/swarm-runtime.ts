import { type EngineAnswer, whyUnavailable } from '../../docker/engine.ts'
import { bootsInFives, healthcheckLine } from '../../docker/healthcheck.ts'
import { forgetImage, inspectImage, releaseTag } from '../../docker/images.ts'
import { missingImage, type Pull, requireImage } from '../../docker/release-image.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { LaunchRecord, SwarmLaunch } from '../../ports/release-store.ts'
import type { Advice, Runtime, RuntimeAvailability, RuntimeCapabilities } from '../../ports/runtime.ts'
import { noLeader } from './ask-manager.ts'
import {
  environmentOf,
  hasHealthcheck,
  healthcheckOf,
  recordedSpec,
  releaseOfSpec,
  replicasOf,
  turnsOf,
} from './commands.ts'
import { observeInstances, tasksThere } from './observe.ts'
import { ownLaunch } from './own-launch.ts'
import { probeAddresses, startProbe } from './start-probe.ts'
import { stopOthers, stopRelease } from './stop-units.ts'
import { findService, listNodes, type OwnNode, ownNode } from './swarm-api.ts'
import { logPath, type SwarmContext } from './swarm-context.ts'
import { switchService } from './switch-traffic.ts'
import { obstacleOf } from './tell-router.ts'

export interface SwarmExpectations {
  instances: number | null
  port: number
  pull: Pull
}

const CAPABILITIES: RuntimeCapabilities = {
  holds: false,
  sideBySide: true,
  keepsTried: true,
  obstacles: {
    holds: 'the swarm starts each task to serve',
    sideBySide: 'never said: a new task is there before the old one goes',
  },
}

const SLOW_START: Advice = {
  text: 'this engine looks at a task that boots every 5 s, whatever the interval of its healthcheck says',
  fix: 'healthcheck: { start_interval: 500ms } in the stack file   then: docker stack deploy, lastgood deploy',
}

/** Releases of one service of a swarm: each is a spec, and the service has one of them at a time. */
export function createSwarmRuntime(context: SwarmContext, expected: SwarmExpectations): Runtime {
  const { engine, name, service } = context
  const { pull } = expected
  /** On this node; the others pull what has a registry. */
  const haveImage = ({ runtime }: LaunchRecord<SwarmLaunch>) => requireImage(engine, runtime.image, pull)
  return {
    kind: 'swarm',
    claim: `swarm service ${name} on ${engine.address}`,
    hints: {
      list: `docker service ps ${name}`,
      bringBack: `docker service ps --no-trunc ${name} says why its tasks do not run`,
      remove: `docker service ps ${name}`,
      persist: null,
    },
    capabilities: () => CAPABILITIES,
    expected: (last) => ({
      capabilities: CAPABILITIES,
      instances: expected.instances ?? last?.runtime.instances ?? 1,
    }),
    available: () => available(context),

    /** The engine is a service of the host, and the swarm is the user's. */
    async bringUp() {
      await engine.ask('GET', '/_ping')
    },
    observe: () => observeInstances(context),

    async prepare(release, record, options) {
      const launch = ownLaunch(record)
      await haveImage(launch)
      return startProbe(context, release, launch, options)
    },

    missing: (release, record) =>
      missingImage(engine, ownLaunch(record).runtime.image, { service, release, pull }),

    addresses: (release) => probeAddresses(context, release),

    async switchTo(release, record, options) {
      const launch = ownLaunch(record)
      await haveImage(launch)
      return switchService(context, release, launch, options)
    },

    stopOthers: (keep, drainTimeoutMs) => stopOthers(context, keep, drainTimeoutMs),
    stop: (release) => stopRelease(context, release),
    forget: (release) => forgetImage(engine, releaseTag(service, release)),

    async advise(record) {
      const { runtime, configuration } = ownLaunch(record)
      const image = await inspectImage(engine, runtime.image.id)
      const hasOne = hasHealthcheck(runtime.spec) || image?.hasHealthcheck === true
      return [
        ...(hasOne ? [] : [adviseHealthcheck(runtime.port, configuration)]),
        ...(bootsInFives(healthcheckOf(runtime.spec), await engine.apiVersion()) ? [SLOW_START] : []),
        ...adviseParallelism(runtime),
        ...(runtime.image.pull !== null ? [] : await adviseRegistry()),
        ...(await adviseRouter()),
      ]
    },

    async inspectUnmanaged() {
      const found = await findService(context, name)
      if (found === null || releaseOfSpec(found.spec) !== null) return null
      const running = (await tasksThere(context, found)).filter(({ runs }) => runs)
      if (running.length === 0) return null
      const image = await imageOf(found.spec)
      const settings: SwarmLaunch = {
        kind: 'swarm',
        service: name,
        image,
        spec: recordedSpec(found.spec),
        instances: replicasOf(found.spec) ?? running.length,
        port: expected.port,
        agent: false,
      }
      return {
        unit: name,
        summary: `${image.id.slice(7, 19)} (${running.length} tasks, port ${expected.port})`,
        directory: null,
        env: environmentOf(found.spec),
        settings,
        instances: running.length,
      }
    },

    /** The managers keep it. */
    persist: async () => true,
    logOf: (release) => logPath(context, release),
    describe: (_release, launch) => describeByHand(ownLaunch(launch)),
  }

  function adviseHealthcheck(port: number, configuration: LaunchRecord['configuration']): Advice {
    const line = healthcheckLine(port, configuration)
    return {
      text: `${name} has no healthcheck: a task gets requests as soon as its program runs`,
      fix: `add to it in the stack file:  ${line}   then: docker stack deploy, lastgood deploy`,
    }
  }

  function adviseParallelism({ spec, instances }: SwarmLaunch): Advice[] {
    const boots = turnsOf(spec, instances)
    if (boots < 2) return []
    return [
      {
        text: `${name} is updated in ${boots} turns, each with a boot of its own, and so is its way back`,
        fix: 'update_config: { parallelism: 0 } in the stack file: all at once   then: docker stack deploy, lastgood deploy',
      },
    ]
  }

  async function adviseRegistry(): Promise<Advice[]> {
    const nodes = await listNodes(context)
    if (nodes.length < 2) return []
    const text = `the image of this release is on this node only, and the swarm has ${nodes.length}: the others cannot start it`
    return [{ text, fix: 'set runtime.registry to where every node can pull from, then: lastgood deploy' }]
  }

  /** What the swarm does by itself a second later is no reason to refuse anything. */
  async function adviseRouter(): Promise<Advice[]> {
    const obstacle = await obstacleOf(context)
    if (obstacle === null) return []
    const text = `${obstacle}: it is not told which tasks leave, and a way back takes a second longer`
    return [
      {
        text,
        fix: 'runtime.router.haproxy in the configuration: stats socket ... level admin, and its backend',
      },
    ]
  }

  async function imageOf(spec: SwarmLaunch['spec']): Promise<SwarmLaunch['image']> {
    const named = JSON.stringify(spec).match(/"Image":"([^"]+)"/)?.[1] ?? ''
    const image = await inspectImage(engine, named)
    if (image === null) throw new OperatorError('IMAGE_GONE', { image: named })
    return { id: image.id, pull: image.digests[0] ?? null, platform: image.platform }
  }
}

async function available({ engine }: SwarmContext): Promise<RuntimeAvailability> {
  try {
    const own = await ownNode(engine)
    if (own.state === 'inactive' || (own.state === 'active' && !own.manager))
      return {
        ok: false,
        code: 'RUNTIME_MISSING',
        detail: `${engine.address} is no manager of a swarm`,
        fix: 'run lastgood on a manager of the swarm, or make one: docker swarm init',
        startable: false,
      }
    const nodes = await engine.call('GET', '/nodes')
    if (nodes.status >= 300) throw notNow(own, nodes)
    return { ok: true }
  } catch (error) {
    return whyUnavailable(error)
  }
}

/** It belongs to a swarm, and cannot speak for it: it has just been started, it is locked, or it is alone. */
function notNow({ state, error }: OwnNode, answer: EngineAnswer): OperatorError {
  if (state === 'active') return noLeader(answer)
  const fix = state === 'locked' ? 'docker swarm unlock' : 'docker info says when it is active again'
  const detail = `its place in the swarm is "${state}"${error === '' ? '' : `: ${error}`}`
  return new OperatorError('RUNTIME_DOWN', { detail, fix })
}

/** What a person types: image and environment; the rest of the spec is in launch.json. */
function describeByHand({ runtime, env }: LaunchRecord<SwarmLaunch>) {
  const { service, image } = runtime
  const names = Object.keys(env).sort()
  const set = names.map((variable) => `--env-add ${variable}`).join(' ')
  return {
    start: [
      `docker service update --image ${image.pull ?? image.id} --no-resolve-image --update-order start-first ${set} ${service}`,
    ],
    stop: ['# the same command has stopped it'],
    status: [`docker service ps --no-trunc ${service}`, `docker service logs --tail 50 ${service}`],
  }
}
