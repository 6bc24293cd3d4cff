import * as z from 'zod'
import { parseLog } from '../../docker/containers.ts'
import type { Engine } from '../../docker/engine.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { JsonValue } from '../../ports/release-store.ts'
import { LABEL } from './commands.ts'
import { parseService, parseTasks, type Service, type Task } from './parse.ts'
import type { SwarmContext } from './swarm-context.ts'

type Json = Record<string, JsonValue>

/** Null: there is no such service. */
export async function findService({ engine }: SwarmContext, name: string): Promise<Service | null> {
  const { status, body } = await engine.call('GET', `/services/${encodeURIComponent(name)}`)
  if (status === 404) return null
  return parseService(status < 300 ? body : await engine.ask('GET', `/services/${encodeURIComponent(name)}`))
}

/** @throws OperatorError SERVICE_MISSING */
export async function requireService(context: SwarmContext): Promise<Service> {
  const service = await findService(context, context.name)
  if (service === null) throw new OperatorError('SERVICE_MISSING', { service: context.name })
  return service
}

/** Probe copies of this home, of one release or of all. */
export async function listProbes(context: SwarmContext): Promise<Service[]> {
  const { engine, service, home, name } = context
  const filters = JSON.stringify({ label: [`${LABEL.service}=${service}`, `${LABEL.home}=${home}`] })
  const all = z.array(z.unknown()).parse(await engine.ask('GET', '/services', { query: { filters } }))
  return all
    .map(parseService)
    .filter((found) => found.name.startsWith(`${name}-`) && found.name.endsWith('-probe'))
}

/** Also those that have ended: the swarm keeps the last few of each. A service that is gone may still have some on their way out. */
export async function listTasks({ engine }: SwarmContext, { id }: Service): Promise<Task[]> {
  const filters = JSON.stringify({ service: [id] })
  const { status, body } = await engine.call('GET', '/tasks', { query: { filters } })
  const tasks = parseTasks(status < 300 ? body : await engine.ask('GET', '/tasks'))
  return tasks.filter(({ service }) => service === id)
}

export async function createService({ engine }: SwarmContext, spec: Json): Promise<void> {
  await engine.ask('POST', '/services/create', { body: spec })
}

/** Only over the version that was read: somebody else's change in between is refused. @throws OperatorError RUNTIME_FAILED */
export async function updateService({ engine }: SwarmContext, service: Service, spec: Json): Promise<void> {
  const query = { version: String(service.version) }
  await engine.ask('POST', `/services/${service.id}/update`, { query, body: spec })
}

export async function removeService({ engine }: SwarmContext, service: Service): Promise<void> {
  const { status } = await engine.call('DELETE', `/services/${service.id}`)
  if (status >= 300 && status !== 404) await engine.ask('DELETE', `/services/${service.id}`)
}

export async function readTaskLog({ engine }: SwarmContext, task: Task, lines: number): Promise<string[]> {
  const query = { stdout: '1', stderr: '1', tail: String(lines) }
  const { status, body } = await engine.call('GET', `/tasks/${task.id}/logs`, { query })
  if (status !== 200 || !Buffer.isBuffer(body)) return []
  return parseLog(body)
    .split('\n')
    .filter((line) => line !== '')
}

const nodeSchema = z.object({
  ID: z.string(),
  Status: z.object({ State: z.string(), Addr: z.string().optional() }),
})

export interface Node {
  id: string
  ready: boolean
  address: string
}

export async function listNodes({ engine }: SwarmContext): Promise<Node[]> {
  const nodes = z.array(nodeSchema).parse(await engine.ask('GET', '/nodes'))
  return nodes.map(({ ID, Status }) => ({
    id: ID,
    ready: Status.State === 'ready',
    address: Status.Addr ?? '',
  }))
}

const infoSchema = z.object({
  Swarm: z.object({ NodeID: z.string(), LocalNodeState: z.string(), ControlAvailable: z.boolean() }),
})

/** This engine's own place in the swarm. */
export async function ownNode(engine: Engine): Promise<{ id: string; manager: boolean }> {
  const { Swarm } = infoSchema.parse(await engine.ask('GET', '/info'))
  return { id: Swarm.NodeID, manager: Swarm.LocalNodeState === 'active' && Swarm.ControlAvailable }
}
