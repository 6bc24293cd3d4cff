import type { Instance, InstanceState } from '../../domain/instance.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { hasEnded, type Service, type Task } from './parse.ts'
import { findService, listNodes, listProbes, listTasks } from './swarm-api.ts'
import type { SwarmContext } from './swarm-context.ts'

const SHORT = 12

/** A task, and whether it is known to run: what is on a node that is lost says nothing any more. */
export interface SeenTask extends Task {
  runs: boolean
  /** It was told to end: no new request is sent to it, and it ends what it has. */
  ends: boolean
  /** Its node's host name. */
  on: string
}

/** Every task that runs or is to run, and the last words of those that should; and those outside of the traffic. */
export async function observeInstances(context: SwarmContext): Promise<Instance[]> {
  const [service, probes] = await Promise.all([findService(context, context.name), listProbes(context)])
  const found = [...(service === null ? [] : [service]), ...probes]
  const all = found.map(async (each) => {
    const tasks = await tasksThere(context, each)
    return tasks.map((task) => (each === service ? fromTask(context, each, task) : fromProbe(each, task)))
  })
  return (await Promise.all(all)).flat()
}

export async function tasksThere(context: SwarmContext, service: Service): Promise<SeenTask[]> {
  return (await seeTasks(context, service)).filter(isThere)
}

/** Also those that have ended. */
export async function seeTasks(context: SwarmContext, service: Service): Promise<SeenTask[]> {
  const [tasks, nodes] = await Promise.all([listTasks(context, service), listNodes(context)])
  const known = new Map(nodes.map((node) => [node.id, node]))
  return tasks.map((task) => {
    const node = known.get(task.node)
    const runs = task.state === 'running' && node?.ready === true
    return { ...task, runs, ends: runs && task.wanted !== 'running', on: node?.name ?? 'no node' }
  })
}

/**
 * One that has ended counts as long as it should not have. One on a lost node counts until it is replaced: whether it still
 * runs there nobody can tell, and the swarm sends it no requests.
 */
export function isThere(task: SeenTask): boolean {
  return task.runs || (task.wanted === 'running' && !hasEnded(task))
}

export function unitOf({ name }: Pick<SwarmContext, 'name'>, release: ReleaseId | null): string {
  return release === null ? name : `${name}-${release}`
}

export function releaseOf({ adopted }: SwarmContext, { release }: Task): ReleaseId | null {
  return release ?? adopted?.release ?? null
}

function fromTask(context: SwarmContext, service: Service, task: SeenTask): Instance {
  const release = releaseOf(context, task)
  const unit = release === null ? service.name : unitOf(context, release)
  return { ...seen(task), release, unit, state: stateOf(task) }
}

/** Nothing brings it requests: whatever it does itself, it holds. */
function fromProbe({ name }: Service, task: SeenTask): Instance {
  const state = stateOf(task)
  return { ...seen(task), release: task.release, unit: name, state: state === 'running' ? 'holding' : state }
}

function seen({ id, startedAt }: SeenTask) {
  return { id: id.slice(0, SHORT), seenBy: 'task label', startedAt, restarts: null, traffic: null }
}

function stateOf({ state, runs, ends }: SeenTask): InstanceState {
  if (ends) return 'draining'
  if (runs) return 'running'
  return state === 'running' ? 'down' : 'booting'
}
