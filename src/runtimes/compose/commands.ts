import { mapOf } from '../../docker/map-of.ts'
import type { ReleaseId } from '../../domain/release.ts'
import type { ComposeLaunch, JsonValue, LaunchRecord } from '../../ports/release-store.ts'

/** On every container that lastgood starts. A container never changes, so what stands there is what it is. */
export const LABEL = {
  service: 'lastgood.service',
  release: 'lastgood.release',
  /** `1`: a copy that is only tried, and takes no traffic. */
  probe: 'lastgood.probe',
  home: 'lastgood.home',
  /** Port inside of it. */
  port: 'lastgood.port',
} as const

/** Every release is a Compose project of its own, so that two can run side by side: `shop-r3`. */
export function unitName(project: string, release: ReleaseId): string {
  return `${project}-${release}`
}

export function probeUnitName(project: string, release: ReleaseId): string {
  return `${project}-${release}-probe`
}

/** As Compose names a project after its folder. */
export function projectName(folder: string): string {
  const name = folder.toLowerCase().replace(/[^a-z0-9_-]/g, '')
  return name.replace(/^[_-]+/, '') || 'default'
}

/** The file comes by standard input: no copy of it, with its secrets, is left anywhere. */
export function upArgs(unit: string, service: string, instances: number, start: boolean): string[] {
  const how = [start ? '--detach' : '--no-start', '--no-deps', '--no-build', '--no-recreate']
  return ['--project-name', unit, '--file', '-', 'up', ...how, '--scale', `${service}=${instances}`, service]
}

/** Everything resolved: variables, `extends`, `env_file`. Compose 2 leaves out a service whose profile is not named. */
export function configArgs(project: string, folder: string, files: readonly string[]): string[] {
  const named = files.flatMap((file) => ['--file', file])
  return ['--project-name', project, '--project-directory', folder, '--profile', '*', ...named, 'config']
}

export interface Place {
  service: string
  home: string
  /** Shared by containers and host, at the same path on both sides. */
  shared: string
  /** The agent's entry file, at the same path on both sides; null: without it. */
  register: string | null
}

export interface StartOptions {
  /** A copy on an address of its own, which takes no traffic and speaks to nobody's router. */
  probe: boolean
  /** The host's port goes straight to it: nothing routes. */
  publish: boolean
}

/**
 * The Compose file of a release: the user's own service as it was when the release was made, with image, environment and
 * labels put in, on the networks and volumes of the user's own project.
 */
export function releaseFile(
  release: ReleaseId,
  launch: LaunchRecord<ComposeLaunch>,
  place: Place,
  { probe, publish }: StartOptions,
): Record<string, JsonValue> {
  const { runtime } = launch
  const { ports, restart, networks, labels: _, ...definition } = runtime.definition
  const agent = probe ? null : place.register
  const service: Record<string, JsonValue> = {
    ...definition,
    ...(publish && ports !== undefined ? { ports } : {}),
    ...(networks === undefined
      ? {}
      : { networks: probe ? networks : withAlias(networks, releaseAlias(runtime.service, release)) }),
    image: runtime.image.id,
    environment: environmentOf(release, launch, place, agent),
    labels: {
      ...(probe ? {} : labelsOf(runtime)),
      [LABEL.service]: place.service,
      [LABEL.release]: release,
      [LABEL.home]: place.home,
      [LABEL.port]: String(runtime.port),
      ...(probe ? { [LABEL.probe]: '1' } : {}),
    },
    restart: probe ? 'no' : (restart ?? 'unless-stopped'),
    volumes: [...listOf(definition.volumes), ...(agent === null ? [] : mountsOf(place.shared, agent))],
  }
  return escapeDollars({
    services: { [serviceName(runtime, probe)]: service },
    networks: external(runtime.networks),
    volumes: external(runtime.volumes),
    ...runtime.files,
  }) as Record<string, JsonValue>
}

/** All containers of a release, in the DNS of its networks: `app-r3`. */
export function releaseAlias(service: string, release: ReleaseId): string {
  return `${service}-${release}`
}

/** The service's own aliases, and the release's. */
function withAlias(networks: JsonValue, alias: string): JsonValue {
  const named = Object.entries(mapOf(networks)).map(([name, settings]) => {
    const own = mapOf(settings)
    return [name, { ...own, aliases: [...listOf(own.aliases), alias] }]
  })
  return Object.fromEntries(named)
}

/** Its name in the file is its name on the network: a copy that is only tried must not be found under the service's. */
export function serviceName({ service }: ComposeLaunch, probe: boolean): string {
  return probe ? `${service}-probe` : service
}

export function labelsOf({ definition }: Pick<ComposeLaunch, 'definition'>): Record<string, JsonValue> {
  const { labels } = definition
  if (labels === null || typeof labels !== 'object') return {}
  if (!Array.isArray(labels)) return labels
  return Object.fromEntries(labels.map((text) => splitPair(String(text))))
}

function splitPair(text: string): [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function environmentOf(
  release: ReleaseId,
  { env }: LaunchRecord,
  { shared }: Place,
  register: string | null,
): Record<string, string> {
  const own = { ...env, LASTGOOD_RELEASE: release }
  if (register === null) return own
  const options = [`--require ${nodeOption(register)}`, env.NODE_OPTIONS].filter((part) => part)
  return { ...own, LASTGOOD_RUN: shared, LASTGOOD_CONTAINER: '1', NODE_OPTIONS: options.join(' ') }
}

/** Node splits NODE_OPTIONS at spaces, and knows double quotes. */
function nodeOption(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replaceAll(/["\\]/g, '\\$&')}"` : path
}

function mountsOf(shared: string, register: string): JsonValue[] {
  const folder = register.slice(0, register.lastIndexOf('/'))
  return [
    { type: 'bind', source: shared, target: shared },
    { type: 'bind', source: folder, target: folder, read_only: true },
  ]
}

const listOf = (value: JsonValue | undefined) => (Array.isArray(value) ? value : [])

function external(names: Record<string, string>): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(names).map(([key, name]) => [key, { external: true, name }]))
}

/** A dollar in a Compose file begins a variable. */
export function escapeDollars(value: JsonValue): JsonValue {
  return mapTexts(value, (text) => text.replaceAll('$', '$$$$'))
}

export function unescapeDollars(value: JsonValue): JsonValue {
  return mapTexts(value, (text) => text.replaceAll('$$', '$'))
}

function mapTexts(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapTexts(each, change)]))
}
