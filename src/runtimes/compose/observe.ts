import { type Agent, listAgents } from '../../agent-client/agent-client.ts'
import { instanceOf } from '../../agent-client/instance-of.ts'
import { sharedFolder } from '../../agent-client/run-folder.ts'
import { type Container, listContainers } from '../../docker/containers.ts'
import type { Instance } from '../../domain/instance.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { LABEL, unitName } from './commands.ts'
import type { ComposeContext } from './compose-context.ts'

/** From the start of a container to its agent's first answer: it speaks when the app begins to listen. */
const AGENT_PATIENCE_MS = 30_000
const PROJECT = 'com.docker.compose.project'
const SERVICE = 'com.docker.compose.service'
const SHORT = 12

/** What the instances say of themselves; milliseconds, and without the engine. Without a single agent it is asked after all. */
export async function observeInstances(
  context: ComposeContext,
  depth: 'quick' | 'full',
): Promise<Instance[]> {
  const folder = sharedFolder(context.runFolder)
  const known = depth === 'quick' ? await listAgents(folder) : []
  if (known.length > 0) return known.map((agent) => fromAgent(context, agent, null))
  const containers = (await allContainers(context)).filter((container) => !isProbe(container))
  const agents = await listAgents(folder)
  return containers.map((container) => {
    const agent = agents.find(({ socket }) => socket.container === container.id.slice(0, SHORT))
    return agent !== undefined && container.status === 'running'
      ? fromAgent(context, agent, container)
      : fromContainer(context, container)
  })
}

/** Ours, and those that somebody started under the service's plain name. */
export async function allContainers(context: ComposeContext): Promise<Container[]> {
  const [own, plain] = await Promise.all([ownContainers(context), plainContainers(context)])
  return [...own, ...plain]
}

export async function ownContainers({
  engine,
  service,
  home,
}: Pick<ComposeContext, 'engine' | 'service' | 'home'>): Promise<Container[]> {
  return listContainers(engine, [`${LABEL.service}=${service}`, `${LABEL.home}=${home}`])
}

/** One that Compose runs once, for a person, takes no traffic and is none of ours. */
export async function plainContainers(context: ComposeContext): Promise<Container[]> {
  const labels = [`${PROJECT}=${context.project}`, `${SERVICE}=${context.composeService}`]
  const found = await listContainers(context.engine, labels)
  return found.filter(({ labels: own }) => own['com.docker.compose.oneoff'] !== 'True')
}

/** The same service, taken care of by another lastgood. */
export async function foreignContainers(context: ComposeContext): Promise<Container[]> {
  const all = await listContainers(context.engine, [LABEL.service])
  return all.filter(
    ({ labels }) =>
      labels[LABEL.home] !== context.home &&
      labels[SERVICE] === context.composeService &&
      labels[PROJECT] === unitName(context.project, labels[LABEL.release] ?? ''),
  )
}

export async function containersOf(context: ComposeContext, release: ReleaseId): Promise<Container[]> {
  return (await ownContainers(context)).filter((container) => container.labels[LABEL.release] === release)
}

export function isProbe({ labels }: Container): boolean {
  return labels[LABEL.probe] === '1'
}

export function unitOf(container: Container): string {
  return container.labels[PROJECT] ?? container.name
}

/** By the label it was started with, which never changes; a plain one may be the adopted release. */
export function releaseOf({ adopted }: ComposeContext, { labels }: Container): ReleaseId | null {
  return labels[LABEL.release] ?? adopted?.release ?? null
}

function fromAgent({ project }: ComposeContext, agent: Agent, container: Container | null): Instance {
  const { container: short, pid, release } = agent.socket
  return instanceOf(agent, {
    id: short ?? String(pid),
    unit: container === null ? unitName(project, release) : unitOf(container),
    restarts: container?.restarts ?? null,
  })
}

function fromContainer(context: ComposeContext, container: Container): Instance {
  const running = container.status === 'running'
  const booting = running && (container.health === 'starting' || awaitsAgent(context, container))
  return {
    id: container.id.slice(0, SHORT),
    release: releaseOf(context, container),
    unit: unitOf(container),
    state: !running ? 'down' : booting ? 'booting' : 'running',
    seenBy: 'container label',
    startedAt: container.startedAt,
    restarts: container.restarts,
    traffic: null,
  }
}

/** Started with the agent a moment ago, by the engine after a crash for example: it will speak for itself before it listens. */
function awaitsAgent({ clock }: ComposeContext, { env, startedAt }: Container): boolean {
  const expected = env.includes('LASTGOOD_CONTAINER=1')
  return expected && clock.now() - (startedAt ?? 0) < AGENT_PATIENCE_MS
}
