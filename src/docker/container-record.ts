import * as z from 'zod'
import type { JsonValue } from '../ports/release-store.ts'
import type { Engine } from './engine.ts'
import { mapOf } from './map-of.ts'

type Json = Record<string, JsonValue>

/** What the engine was told when a container was made, so that it can be told the same again. Its environment holds secrets. */
export interface ContainerRecord {
  /** Without the number at its end. */
  name: string
  config: Json
  host: Json
  /** What it asked of each network; its address there is given out anew. */
  networks: Record<string, Json>
}

const json = z.record(z.string(), z.json() as z.ZodType<JsonValue>)
const recordSchema = z.object({
  name: z.string(),
  config: json,
  host: json,
  networks: z.record(z.string(), json),
})
const inspectedSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Config: json,
  HostConfig: json,
  NetworkSettings: z.object({ Networks: z.record(z.string(), json).nullish() }),
})

const SHORT = 12
/** `com.docker.compose.container-number`, and the end of the name. */
const NUMBER = 'com.docker.compose.container-number'
/** Of an endpoint: what was asked for. The rest is what came of it. */
const ASKED = ['IPAMConfig', 'Links', 'DriverOpts', 'GwPriority'] as const

export function parseRecord(value: unknown): ContainerRecord | null {
  return recordSchema.safeParse(value).data ?? null
}

/** Null: it is gone. In the engine's own newest words, so that nothing of it is left out. */
export async function recordContainer(engine: Engine, id: string): Promise<ContainerRecord | null> {
  const { status, body } = await engine.call('GET', `/containers/${id}/json`, { newest: true })
  return status === 200 ? recordOf(body) : null
}

export function recordOf(body: unknown): ContainerRecord {
  const { Id, Name, Config, HostConfig, NetworkSettings } = inspectedSchema.parse(body)
  const { Hostname, ...config } = Config
  const own = Name.replace(/^\//, '')
  // Left to the engine, its hostname is its own id.
  const isGiven = typeof Hostname === 'string' && !Id.startsWith(Hostname)
  const networks = Object.entries(NetworkSettings.Networks ?? {})
  return {
    name: withoutNumber(own),
    config: isGiven ? { ...config, Hostname } : config,
    host: onNamedNetwork(HostConfig, networks),
    networks: Object.fromEntries(
      networks.map(([name, each]) => [name, askedOf(each, [Id.slice(0, SHORT), own])]),
    ),
  }
}

/** Compose 2 names the network by its id, which is another one when somebody has made the network anew. */
function onNamedNetwork(host: Json, networks: readonly (readonly [string, Json])[]): Json {
  const named = networks.find(
    ([, { NetworkID }]) => NetworkID !== undefined && NetworkID === host.NetworkMode,
  )
  return named === undefined ? host : { ...host, NetworkMode: named[0] }
}

function askedOf(endpoint: Json, ownNames: readonly string[]): Json {
  const asked = ASKED.flatMap((name) => (endpoint[name] == null ? [] : [[name, endpoint[name]] as const]))
  const aliases = Array.isArray(endpoint.Aliases) ? endpoint.Aliases.map(String) : []
  return { ...Object.fromEntries(asked), Aliases: aliases.filter((alias) => !ownNames.includes(alias)) }
}

const withoutNumber = (name: string) => name.replace(/\d+$/, '')

/** The next container of it: the body of its creation, and the networks that it is then connected to. */
export function creationOf({ name, config, host, networks }: ContainerRecord, number: number) {
  // Engines before 25 take one network when a container is created.
  const [[first, endpoint] = [], ...others] = Object.entries(networks).sort(
    ([a], [b]) => Number(b === host.NetworkMode) - Number(a === host.NetworkMode),
  )
  const body = {
    ...config,
    Labels: { ...mapOf(config.Labels), [NUMBER]: String(number) },
    HostConfig: host,
    ...(first === undefined ? {} : { NetworkingConfig: { EndpointsConfig: { [first]: endpoint } } }),
  }
  return { name: `${name}${number}`, body, others }
}

/** Not started. @returns its id; null: the engine refuses it, and nothing of it is left */
export async function createContainer(
  engine: Engine,
  record: ContainerRecord,
  number: number,
): Promise<string | null> {
  const { name, body, others } = creationOf(record, number)
  const call = { query: { name }, body, newest: true }
  const created = await engine.call('POST', '/containers/create', call)
  const { data } = z.object({ Id: z.string() }).safeParse(created.body)
  if (created.status >= 300 || data === undefined) return null
  for (const [network, EndpointConfig] of others) {
    const path = `/networks/${encodeURIComponent(network)}/connect`
    const connected = await engine.call('POST', path, {
      body: { Container: data.Id, EndpointConfig },
      newest: true,
    })
    if (connected.status < 300) continue
    await engine.call('DELETE', `/containers/${data.Id}`, { query: { force: '1', v: '1' } })
    return null
  }
  return data.Id
}
