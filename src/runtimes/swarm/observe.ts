import type { Instance, InstanceState } from '../../domain/instance.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { hasEnded, type Service, type Task } from './parse.ts'
import { findService, listNodes, listTasks } from './swarm-api.ts'
import type { SwarmContext } from './swarm-context.ts'

const SHORT = 12

/** Every task that runs or is to run, and the last words of those that should. A node that is lost takes its tasks' word along. */
export async function observeInstances(context: SwarmContext): Promise<Instance[]> {
  const service = await findService(context, context.name)
  if (service === null) return []
  const [tasks, nodes] = await Promise.all([listTasks(context, service), listNodes(context)])
  const ready = new Set(nodes.filter((node) => node.ready).map(({ id }) => id))
  return tasks.filter(isThere).map((task) => fromTask(context, service, task, ready))
}

/** One that has ended counts as long as it should not have. */
export function isThere(task: Task): boolean {
  return task.state === 'running' || (task.wanted === 'running' && !hasEnded(task))
}

export function unitOf({ name }: Pick<SwarmContext, 'name'>, release: ReleaseId | null): string {
  return release === null ? name : `${name}-${release}`
}

export function releaseOf({ adopted }: SwarmContext, { release }: Task): ReleaseId | null {
  return release ?? adopted?.release ?? null
}

function fromTask(context: SwarmContext, service: Service, task: Task, ready: Set<string>): Instance {
  const release = releaseOf(context, task)
  return {
    id: task.id.slice(0, SHORT),
    release,
    unit: release === null ? service.name : unitOf(context, release),
    state: stateOf(task, ready),
    seenBy: 'task label',
    startedAt: task.startedAt,
    restarts: null,
    traffic: null,
  }
}

function stateOf({ state, node }: Task, ready: Set<string>): InstanceState {
  if (state === 'running') return ready.has(node) ? 'running' : 'down'
  return 'booting'
}
