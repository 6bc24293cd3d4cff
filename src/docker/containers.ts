import * as z from 'zod'
import type { Engine } from './engine.ts'

/** One container, as the engine knows it. */
export interface Container {
  /** 64 hex digits. */
  id: string
  name: string
  labels: Record<string, string>
  /** `running`, `exited`, `restarting`, `created`, `dead`, ... */
  status: string
  /** Null: it has no healthcheck. */
  health: 'starting' | 'healthy' | 'unhealthy' | null
  /** Epoch ms; null: it never ran. */
  startedAt: number | null
  restarts: number
  exitCode: number
  /** `sha256:...` */
  image: string
  /** In every network it is in. */
  ips: string[]
  env: string[]
  /** `no`, `always`, `unless-stopped`, `on-failure` */
  restartPolicy: string
  /** Host ports it has, with the address they are bound to. */
  published: { host: string; port: number }[]
}

const labelsSchema = z.record(z.string(), z.string()).nullish()
const listSchema = z.array(z.object({ Id: z.string() }))
const portsSchema = z
  .record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable())
  .nullish()
const inspectSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  RestartCount: z.number(),
  State: z.object({
    Status: z.string(),
    StartedAt: z.string(),
    ExitCode: z.number(),
    Health: z.object({ Status: z.string() }).nullish(),
  }),
  Config: z.object({ Labels: labelsSchema, Env: z.array(z.string()).nullish() }),
  HostConfig: z.object({ RestartPolicy: z.object({ Name: z.string() }).nullish() }),
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ IPAddress: z.string() })).nullish(),
    Ports: portsSchema,
  }),
})

export function parseContainer(body: unknown): Container {
  const { Id, Name, Image, RestartCount, State, Config, HostConfig, NetworkSettings } =
    inspectSchema.parse(body)
  const health = State.Health?.Status
  const startedAt = Date.parse(State.StartedAt)
  return {
    id: Id,
    name: Name.replace(/^\//, ''),
    labels: Config.Labels ?? {},
    status: State.Status,
    health: health === 'starting' || health === 'healthy' || health === 'unhealthy' ? health : null,
    // The engine's "never" is the year 1.
    startedAt: startedAt > 0 ? startedAt : null,
    restarts: RestartCount,
    exitCode: State.ExitCode,
    image: Image,
    ips: Object.values(NetworkSettings.Networks ?? {}).flatMap(({ IPAddress }) => IPAddress || []),
    env: Config.Env ?? [],
    restartPolicy: HostConfig.RestartPolicy?.Name || 'no',
    published: Object.values(NetworkSettings.Ports ?? {}).flatMap((bindings) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => ({ host: HostIp, port: Number(HostPort) })),
    ),
  }
}

/** Those with all of these labels, in whatever state. One that goes while it is asked is not there. */
export async function listContainers(engine: Engine, labels: readonly string[]): Promise<Container[]> {
  const filters = JSON.stringify({ label: labels })
  const found = listSchema.parse(
    await engine.ask('GET', '/containers/json', { query: { all: '1', filters } }),
  )
  const inspected = await Promise.all(found.map(({ Id }) => inspectContainer(engine, Id)))
  return inspected.filter((container) => container !== null)
}

async function inspectContainer(engine: Engine, id: string): Promise<Container | null> {
  const answer = await engine.call('GET', `/containers/${id}/json`)
  return answer.status === 200 ? parseContainer(answer.body) : null
}

/** How long the engine may need beyond what the container was given. */
const STOP_MARGIN_MS = 30_000
const LONGEST_GRACE_MS = 10 * 60_000

/**
 * It has ended and is forgotten when this returns, with what it alone had. Done twice is done once.
 * @param graceSeconds between SIGTERM and SIGKILL; null: what it was started with
 */
export async function removeContainer(
  engine: Engine,
  id: string,
  graceSeconds: number | null,
): Promise<void> {
  const timeoutMs = graceSeconds === null ? LONGEST_GRACE_MS : graceSeconds * 1_000 + STOP_MARGIN_MS
  const query = graceSeconds === null ? {} : { t: String(graceSeconds) }
  const stopped = await engine.call('POST', `/containers/${id}/stop`, { query, timeoutMs })
  if (stopped.status === 404) return
  const removed = await engine.call('DELETE', `/containers/${id}`, { query: { force: '1', v: '1' } })
  // 409: somebody else is removing it at this moment.
  if (removed.status !== 404 && removed.status !== 409 && removed.status >= 300)
    await engine.ask('DELETE', `/containers/${id}`, { query: { force: '1', v: '1' } })
}

/** What it printed last, as lines. Empty where its logs are sent elsewhere. */
export async function readLog(engine: Engine, id: string, lines: number): Promise<string[]> {
  const query = { stdout: '1', stderr: '1', tail: String(lines) }
  const { status, body } = await engine.call('GET', `/containers/${id}/logs`, { query })
  if (status !== 200 || !Buffer.isBuffer(body)) return []
  return parseLog(body)
    .split('\n')
    .filter((line) => line !== '')
}

/** Without a terminal the engine puts 8 bytes before each piece: which stream, three zeros, how long. */
export function parseLog(bytes: Buffer): string {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const framed = bytes.length - at >= 8 && (bytes[at] ?? 9) <= 2 && bytes.readUIntBE(at + 1, 3) === 0
    if (!framed) return bytes.toString('utf8')
    const end = at + 8 + bytes.readUInt32BE(at + 4)
    pieces.push(bytes.subarray(at + 8, end))
    at = end
  }
  return Buffer.concat(pieces).toString('utf8')
}
