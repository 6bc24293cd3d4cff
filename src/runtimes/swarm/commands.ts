import { mapOf } from '../../docker/map-of.ts'
import type { ReleaseId } from '../../domain/release.ts'
import type { JsonValue, LaunchRecord, SwarmLaunch } from '../../ports/release-store.ts'

/** On every task that lastgood starts: a task never changes, so what stands there is what it is. */
export const LABEL = {
  service: 'lastgood.service',
  release: 'lastgood.release',
  home: 'lastgood.home',
} as const

const REMINDED = 'lastgood.reminded'

type Json = Record<string, JsonValue>
type Launch = LaunchRecord<SwarmLaunch>

export interface Owner {
  /** Name of the service in lastgood. */
  service: string
  home: string
  /** Name of the service in the swarm. */
  name: string
}

export function probeName(service: string, release: ReleaseId): string {
  return `${service}-${release}-probe`
}

/** The spec of what runs, as a release keeps it: what makes it this release is put in when it is started. */
export function recordedSpec(spec: Json): Json {
  const task = mapOf(spec.TaskTemplate)
  const { Image: _image, Env: _env, Labels, ...container } = mapOf(task.ContainerSpec)
  const { ForceUpdate: _force, ...rest } = task
  return {
    ...spec,
    ...(spec.Labels === undefined ? {} : { Labels: foreignLabels(spec.Labels) }),
    TaskTemplate: { ...rest, ContainerSpec: { ...container, Labels: foreignLabels(Labels) } },
  }
}

function foreignLabels(labels: JsonValue | undefined): Json {
  return Object.fromEntries(Object.entries(mapOf(labels)).filter(([name]) => !name.startsWith('lastgood.')))
}

/** The same, but for a label of the service, so that the swarm begins again to compare what runs with what should. */
export function remindingSpec(spec: Json): Json {
  const labels = mapOf(spec.Labels)
  return { ...spec, Labels: { ...labels, [REMINDED]: String(Number(labels[REMINDED] ?? 0) + 1) } }
}

/** `NAME=value` of a spec, as a map. */
export function environmentOf(spec: Json): Record<string, string> {
  const env = mapOf(mapOf(spec.TaskTemplate).ContainerSpec).Env
  const pairs = Array.isArray(env) ? env.map(String) : []
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

export function releaseOfSpec(spec: Json): ReleaseId | null {
  const release = mapOf(mapOf(mapOf(spec.TaskTemplate).ContainerSpec).Labels)[LABEL.release]
  return typeof release === 'string' ? release : null
}

/** Who started what this spec is of, and as which release. */
export function ownerOf(spec: Json): JsonValue[] {
  const labels = mapOf(mapOf(mapOf(spec.TaskTemplate).ContainerSpec).Labels)
  return Object.values(LABEL).map((name) => labels[name] ?? null)
}

/** Where it fails, the swarm goes back by itself. */
export function rollsBack(spec: Json): boolean {
  return mapOf(spec.UpdateConfig).FailureAction === 'rollback'
}

/** In how many turns its update policy replaces the tasks. */
export function turnsOf(spec: Json, instances: number): number {
  const { Parallelism } = { ...POLICY, ...mapOf(spec.UpdateConfig) }
  // 0: all at once.
  return Number(Parallelism) === 0 ? 1 : Math.ceil(instances / Number(Parallelism))
}

/** How long its update policy waits on purpose, where each task is a turn of its own, ms. */
export function pausesOf(spec: Json, instances: number): number {
  const { Delay, Monitor } = { ...POLICY, ...mapOf(spec.UpdateConfig) }
  return (Number(Delay ?? 0) * instances + Number(Monitor)) / 1e6
}

export function healthcheckOf(spec: Json): Json {
  return mapOf(mapOf(mapOf(spec.TaskTemplate).ContainerSpec).Healthcheck)
}

export function hasHealthcheck(spec: Json): boolean {
  const { Test } = healthcheckOf(spec)
  return Array.isArray(Test) && Test.length > 0 && Test[0] !== 'NONE'
}

/** Null: it runs on every node (global), or as a job. */
export function replicasOf(spec: Json): number | null {
  const { Replicas } = mapOf(mapOf(spec.Mode).Replicated)
  return typeof Replicas === 'number' ? Replicas : null
}

/**
 * Exactly what was recorded, with the image by its digest. The update policy is the recorded one, but for the order: the new
 * task is there before the old one goes.
 */
export function serviceSpec(release: ReleaseId, launch: Launch, owner: Owner): Json {
  const { spec, instances } = launch.runtime
  return {
    ...spec,
    ...(replicasOf(spec) === null ? {} : { Mode: { Replicated: { Replicas: instances } } }),
    TaskTemplate: taskTemplate(release, launch, owner),
    UpdateConfig: { ...POLICY, ...mapOf(spec.UpdateConfig), Order: 'start-first' },
  }
}

/** One task that takes no traffic: on the service's networks under another name, and with a port of its own on its node. */
export function probeSpec(release: ReleaseId, launch: Launch, owner: Owner): Json {
  const { port } = launch.runtime
  const task = taskTemplate(release, launch, owner)
  const container = mapOf(task.ContainerSpec)
  const networks = Array.isArray(task.Networks) ? task.Networks : []
  return {
    Name: probeName(owner.name, release),
    Labels: { [LABEL.service]: owner.service, [LABEL.home]: owner.home },
    TaskTemplate: {
      ...task,
      // It is asked from here, as soon as it listens: a healthcheck would only say the same some seconds later.
      ContainerSpec: { ...container, Healthcheck: { Test: ['NONE'] } },
      // Without the aliases by which others find the service.
      Networks: networks.map((network) => ({ Target: mapOf(network).Target ?? null })),
      RestartPolicy: { Condition: 'none' },
    },
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: { Mode: 'dnsrr', Ports: [{ Protocol: 'tcp', TargetPort: port, PublishMode: 'host' }] },
  }
}

/** The engine's own defaults but one: it pauses where it fails, and what served serves on. */
const POLICY: Json = { Parallelism: 1, FailureAction: 'pause', Monitor: 5_000_000_000, MaxFailureRatio: 0 }

function taskTemplate(release: ReleaseId, launch: Launch, { service, home }: Owner): Json {
  const { spec, image } = launch.runtime
  const task = mapOf(spec.TaskTemplate)
  const container = mapOf(task.ContainerSpec)
  const labels = { [LABEL.service]: service, [LABEL.release]: release, [LABEL.home]: home }
  return {
    ...task,
    ContainerSpec: {
      ...container,
      Image: image.pull ?? image.id,
      Env: Object.entries({ ...launch.env, LASTGOOD_RELEASE: release }).map(
        ([name, value]) => `${name}=${value}`,
      ),
      Labels: { ...mapOf(container.Labels), ...labels },
    },
  }
}
