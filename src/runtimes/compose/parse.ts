import { parse as parseYaml } from 'yaml'
import * as z from 'zod'
import { mapOf } from '../../docker/map-of.ts'
import type { JsonValue } from '../../ports/release-store.ts'
import { unescapeDollars } from './commands.ts'

/** What `config` prints, as far as one service of it is concerned. */
export interface ResolvedService {
  /** Without what belongs to the whole project, to Compose itself, or to one container alone. */
  definition: Record<string, JsonValue>
  environment: Record<string, string>
  /** Null: it names an image and is not built. */
  build: ResolvedBuild | null
  image: string | null
  instances: number
  /** That the service listens on, as far as `expose` and `ports` tell. */
  port: number | null
  publishes: boolean
  hasHealthcheck: boolean
  networks: Record<string, string>
  volumes: Record<string, string>
  files: Record<'secrets' | 'configs', Record<string, JsonValue>>
}

export interface ResolvedBuild {
  context: string
  dockerfile: string | null
  target: string | null
  args: Record<string, string>
}

export type ServiceRead =
  | { ok: true; service: ResolvedService }
  | { ok: false; problem: string; known: string[] }

const json = z.json() as z.ZodType<JsonValue>
const map = z.record(z.string(), json)
const fileSchema = z.looseObject({
  services: z.record(z.string(), map),
  networks: map.nullish(),
  volumes: map.nullish(),
  secrets: map.nullish(),
  configs: map.nullish(),
})

/** Of the project, of the making, or of one container alone: a second one could not have the same. */
const LEFT_OUT = [
  ...[
    'build',
    'image',
    'environment',
    'env_file',
    'depends_on',
    'links',
    'external_links',
    'scale',
    'profiles',
  ],
  ...['container_name', 'hostname', 'mac_address', 'extends', 'pull_policy', 'networks', 'develop'],
]
/** Without them another image would be built than Compose builds, and nobody would be told. */
const BUILD_NOT_TAKEN = ['dockerfile_inline', 'additional_contexts', 'secrets', 'ssh', 'platforms']
/** They tie it to a container of the user's own project, which comes and goes without us. */
const TIED = ['volumes_from']

export function parseResolved(text: string, project: string, name: string): ServiceRead {
  const read = fileSchema.safeParse(parseYaml(text))
  if (!read.success) return { ok: false, problem: 'Compose printed no services', known: [] }
  const file = read.data
  const found = file.services[name]
  const known = Object.keys(file.services)
  if (found === undefined) return { ok: false, problem: `there is no service ${name}`, known }
  const service = unescapeDollars(found) as Record<string, JsonValue>
  const tie = TIED.find((key) => key in service)
  if (tie !== undefined)
    return { ok: false, problem: `${name} has ${tie}, which ties it to another container`, known }
  if (/^(service|container):/.test(String(service.network_mode ?? '')))
    return { ok: false, problem: `${name} shares the network of another container`, known }
  const way = BUILD_NOT_TAKEN.find((key) => key in mapOf(service.build))
  if (way !== undefined)
    return { ok: false, problem: `${name} is built with build.${way}, which is not supported`, known }
  return { ok: true, service: resolve(service, file, project) }
}

function resolve(
  service: Record<string, JsonValue>,
  file: z.output<typeof fileSchema>,
  project: string,
): ResolvedService {
  const attached = 'network_mode' in service ? {} : attachmentsOf(service.networks)
  const mounted = namedVolumes(service.volumes)
  const deploy = mapOf(service.deploy)
  const { replicas: _, ...restOfDeploy } = deploy
  const kept = Object.entries(service).filter(([key]) => !LEFT_OUT.includes(key) && key !== 'deploy')
  return {
    definition: {
      ...Object.fromEntries(kept),
      ...(Object.keys(restOfDeploy).length > 0 ? { deploy: restOfDeploy } : {}),
      ...('network_mode' in service ? {} : { networks: attached }),
    },
    environment: environmentOf(service.environment),
    build: buildOf(service.build),
    image: typeof service.image === 'string' ? service.image : null,
    instances: Number(service.scale ?? deploy.replicas ?? 1) || 1,
    port: portOf(service),
    publishes: hostPorts(service).length > 0,
    hasHealthcheck: isHealthcheckOn(service.healthcheck),
    networks: namesOf(Object.keys(attached), file.networks ?? {}, project),
    volumes: namesOf(mounted, file.volumes ?? {}, project),
    files: { secrets: used(service.secrets, file.secrets), configs: used(service.configs, file.configs) },
  }
}

/** Without an address of its own: two containers cannot have the same. */
function attachmentsOf(networks: JsonValue | undefined): Record<string, JsonValue> {
  if (Array.isArray(networks)) return Object.fromEntries(networks.map((name) => [String(name), null]))
  const named = Object.entries(mapOf(networks))
  if (named.length === 0) return { default: null }
  return Object.fromEntries(
    named.map(([name, settings]) => {
      const { ipv4_address: _4, ipv6_address: _6, ...rest } = mapOf(settings)
      return [name, Object.keys(rest).length > 0 ? rest : null]
    }),
  )
}

/** `data:/data:rw` or a map; a path is no name. */
function namedVolumes(volumes: JsonValue | undefined): string[] {
  const list = Array.isArray(volumes) ? volumes : []
  return list.flatMap((volume) => {
    if (typeof volume === 'string') {
      const [source = '', target] = volume.split(':')
      return target !== undefined && /^[a-zA-Z0-9]/.test(source) ? [source] : []
    }
    const { type, source } = mapOf(volume)
    return type === 'volume' && typeof source === 'string' ? [source] : []
  })
}

/** As the engine calls it: `name`, else what Compose makes of the key. */
function namesOf(
  keys: readonly string[],
  declared: Record<string, JsonValue>,
  project: string,
): Record<string, string> {
  return Object.fromEntries(
    keys.map((key) => {
      const { name, external } = mapOf(declared[key])
      const { name: externalName } = mapOf(external)
      const given = name ?? externalName ?? (external === true ? key : null)
      return [key, typeof given === 'string' ? given : `${project}_${key}`]
    }),
  )
}

function used(
  references: JsonValue | undefined,
  declared: Record<string, JsonValue> | null | undefined,
): Record<string, JsonValue> {
  const list = Array.isArray(references) ? references : []
  const names = list.map((reference) =>
    String(typeof reference === 'string' ? reference : mapOf(reference).source),
  )
  return Object.fromEntries(Object.entries(declared ?? {}).filter(([name]) => names.includes(name)))
}

function environmentOf(environment: JsonValue | undefined): Record<string, string> {
  if (Array.isArray(environment))
    return Object.fromEntries(
      environment.map((text) => /^([^=]*)=?(.*)$/s.exec(String(text))?.slice(1, 3) ?? ['', '']),
    )
  const set = Object.entries(mapOf(environment)).filter(([, value]) => value !== null)
  return Object.fromEntries(set.map(([name, value]) => [name, String(value)]))
}

function buildOf(build: JsonValue | undefined): ResolvedBuild | null {
  if (build === undefined || build === null) return null
  if (typeof build === 'string') return { context: build, dockerfile: null, target: null, args: {} }
  const { context, dockerfile, target, args } = mapOf(build)
  const text = (value: JsonValue | undefined) => (typeof value === 'string' ? value : null)
  return {
    context: text(context) ?? '.',
    dockerfile: text(dockerfile),
    target: text(target),
    args: environmentOf(args),
  }
}

export function isHealthcheckOn(healthcheck: JsonValue | undefined): boolean {
  const { test, disable } = mapOf(healthcheck)
  return test !== undefined && disable !== true && !(Array.isArray(test) && test[0] === 'NONE')
}

/** `127.0.0.1:3000:3000/tcp`, `3000`, or a map. */
function portsOf(service: Record<string, JsonValue>): { published: string | null; target: number }[] {
  const list = Array.isArray(service.ports) ? service.ports : []
  return list.flatMap((entry) => {
    if (typeof entry === 'object') {
      const { target, published } = mapOf(entry)
      return [{ published: published ? String(published) : null, target: Number(target) }]
    }
    const parts = String(entry)
      .replace(/\/\w+$/, '')
      .split(':')
    return [{ published: parts.length > 1 ? (parts.at(-2) ?? null) : null, target: Number(parts.at(-1)) }]
  })
}

const hostPorts = (service: Record<string, JsonValue>) =>
  portsOf(service).filter(({ published }) => published)

function portOf(service: Record<string, JsonValue>): number | null {
  const exposed = Array.isArray(service.expose)
    ? service.expose.map((entry) => Number.parseInt(String(entry), 10))
    : []
  const [port] = [...portsOf(service).map(({ target }) => target), ...exposed].filter((number) => number > 0)
  return port ?? null
}
