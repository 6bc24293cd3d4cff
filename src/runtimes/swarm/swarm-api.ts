import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { parseLog } from '../../docker/containers.ts'
import type { Engine } from '../../docker/engine.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { JsonValue } from '../../ports/release-store.ts'
import { askManager, callManager } from './ask-manager.ts'
import { LABEL, ownerOf } from './commands.ts'
import { parseService, parseTasks, type Service, type Task } from './parse.ts'
import type { SwarmContext } from './swarm-context.ts'

type Json = Record<string, JsonValue>

/** Null: there is no such service. */
export async function findService(context: SwarmContext, name: string): Promise<Service | null> {
  const path = `/services/${encodeURIComponent(name)}`
  const { status, body } = await callManager(context, 'GET', path)
  if (status === 404) return null
  return parseService(status < 300 ? body : await askManager(context, 'GET', path))
}

/** @throws OperatorError SERVICE_MISSING */
export async function requireService(context: SwarmContext): Promise<Service> {
  const service = await findService(context, context.name)
  if (service === null) throw new OperatorError('SERVICE_MISSING', { service: context.name })
  return service
}

/** Probe copies of this home, of one release or of all. */
export async function listProbes(context: SwarmContext): Promise<Service[]> {
  const { service, home, name } = context
  const filters = JSON.stringify({ label: [`${LABEL.service}=${service}`, `${LABEL.home}=${home}`] })
  const all = z
    .array(z.unknown())
    .parse(await askManager(context, 'GET', '/services', { query: { filters } }))
  return all
    .map(parseService)
    .filter((found) => found.name.startsWith(`${name}-`) && found.name.endsWith('-probe'))
}

/** Also those that have ended: the swarm keeps the last few of each. A service that is gone may still have some on their way out. */
export async function listTasks(context: SwarmContext, { id }: Service): Promise<Task[]> {
  const filters = JSON.stringify({ service: [id] })
  const { status, body } = await callManager(context, 'GET', '/tasks', { query: { filters } })
  const tasks = parseTasks(status < 300 ? body : await askManager(context, 'GET', '/tasks'))
  return tasks.filter(({ service }) => service === id)
}

export async function createService(context: SwarmContext, spec: Json): Promise<void> {
  const call = { body: spec }
  const { status } = await callManager(context, 'POST', '/services/create', call)
  if (status < 300) return
  if (!isOfSameRelease(await findService(context, String(spec.Name)), spec))
    await askManager(context, 'POST', '/services/create', call)
}

/** Only over the version that was read: somebody else's change in between is refused. @throws OperatorError RUNTIME_FAILED */
export async function updateService(context: SwarmContext, service: Service, spec: Json): Promise<void> {
  const path = `/services/${service.id}/update`
  const call = { query: { version: String(service.version) }, body: spec }
  const { status } = await callManager(context, 'POST', path, call)
  if (status < 300) return
  const now = await findService(context, service.id)
  if (now?.version === service.version || !isOfSameRelease(now, spec))
    await askManager(context, 'POST', path, call)
}

/** A manager that was lost while it was asked may have done it all the same; asked again it refuses. */
function isOfSameRelease(service: Service | null, spec: Json): boolean {
  return service !== null && isDeepStrictEqual(ownerOf(service.spec), ownerOf(spec))
}

export async function removeService(context: SwarmContext, service: Service): Promise<void> {
  const path = `/services/${service.id}`
  const { status } = await callManager(context, 'DELETE', path)
  if (status >= 300 && status !== 404) await askManager(context, 'DELETE', path)
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
  Description: z.object({ Hostname: z.string().optional() }).nullish(),
  Status: z.object({ State: z.string(), Addr: z.string().optional() }),
})

export interface Node {
  id: string
  name: string
  ready: boolean
  address: string
}

export async function listNodes(context: SwarmContext): Promise<Node[]> {
  const nodes = z.array(nodeSchema).parse(await askManager(context, 'GET', '/nodes'))
  return nodes.map(({ ID, Description, Status }) => ({
    id: ID,
    name: Description?.Hostname || ID,
    ready: Status.State === 'ready',
    address: Status.Addr ?? '',
  }))
}

const infoSchema = z.object({
  Swarm: z.object({
    NodeID: z.string(),
    LocalNodeState: z.string(),
    ControlAvailable: z.boolean(),
    Error: z.string().optional(),
  }),
})

/** `inactive`: in no swarm; `pending`: it is joining, or has just been started; `active`, `locked`, `error` */
export interface OwnNode {
  id: string
  state: string
  manager: boolean
  error: string
}

/** This engine's own place in the swarm. */
export async function ownNode(engine: Engine): Promise<OwnNode> {
  const { Swarm } = infoSchema.parse(await engine.ask('GET', '/info'))
  const { NodeID, LocalNodeState, ControlAvailable, Error: error = '' } = Swarm
  return { id: NodeID, state: LocalNodeState, manager: ControlAvailable, error }
}
