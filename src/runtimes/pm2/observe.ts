import { readlink, realpath } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { type Agent, isAlive, listAgents } from '../../agent-client/agent-client.ts'
import { instanceOf } from '../../agent-client/instance-of.ts'
import type { Instance } from '../../domain/instance.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { releaseOfProcess, unitName } from './commands.ts'
import type { Pm2Process } from './parse.ts'
import type { Pm2Context } from './pm2-context.ts'

/** From the start of a process to its agent's first answer, on a machine that is busy. */
const AGENT_PATIENCE_MS = 5_000

/** What the instances say of themselves; milliseconds, and without PM2. Without a single agent PM2 is asked after all. */
export async function observeInstances(context: Pm2Context, depth: 'quick' | 'full'): Promise<Instance[]> {
  const known = depth === 'quick' ? await listAgents(context.runFolder) : []
  if (known.length > 0) return known.map((agent) => fromAgent(context, agent, null))
  // In this order: a process that PM2 starts while it is asked has its agent by the time those are looked up.
  const processes = (await context.program.list()).filter((process) => belongs(context, process))
  const agents = await listAgents(context.runFolder)
  const asked = agents.map((agent) => {
    const process = processes.find(({ pid }) => pid === agent.socket.pid)
    return fromAgent(context, agent, process?.restarts ?? null)
  })
  const silent = processes.filter(({ pid }) => !agents.some(({ socket }) => socket.pid === pid))
  return [...asked, ...(await Promise.all(silent.map((process) => fromProcess(context, process))))]
}

/** Ours by unit name, or under the service's own plain name, however it came there. Probe copies take no traffic. */
export function belongs(context: Pick<Pm2Context, 'app'>, process: Pm2Process): boolean {
  if (process.name === context.app) return true
  const unit = releaseOfProcess(context.app, process)
  return unit !== null && !unit.probe
}

function fromAgent({ app }: Pm2Context, agent: Agent, restarts: number | null): Instance {
  const { pid, release } = agent.socket
  return instanceOf(agent, { id: String(pid), unit: unitName(app, release), restarts })
}

async function fromProcess(context: Pm2Context, process: Pm2Process): Promise<Instance> {
  const running = process.pid > 0 && process.status === 'online' && isAlive(process.pid)
  return {
    id: running ? String(process.pid) : `${process.name} (${process.status})`,
    release: await releaseOf(context, process, running),
    unit: process.name,
    state: !running ? 'down' : awaitsAgent(context, process) ? 'booting' : 'running',
    seenBy: running ? 'working folder' : 'pm2',
    startedAt: process.startedAt,
    restarts: process.restarts,
    traffic: null,
  }
}

/** Started with the agent a moment ago, by PM2 after a crash for example: it will speak for itself before it listens. */
function awaitsAgent(context: Pm2Context, process: Pm2Process): boolean {
  const age = context.clock.now() - (process.startedAt ?? 0)
  return process.env.LASTGOOD_RUN === context.runFolder && age < AGENT_PATIENCE_MS
}

/** By the folder the process really works in; PM2's word only where the system does not tell, or nothing runs. */
async function releaseOf(
  context: Pm2Context,
  process: Pm2Process,
  running: boolean,
): Promise<ReleaseId | null> {
  const folder = running ? await workingFolder(process) : process.cwd
  const named = await releaseIn(context.releases, folder)
  if (named !== null) return named
  const { adopted } = context
  return adopted !== null && process.name === adopted.unit && folder === adopted.directory
    ? adopted.release
    : null
}

/** The store's `r3` for anything inside `r3/app`. Null also for another home's releases, or another tool's. */
async function releaseIn(releases: string, folder: string): Promise<ReleaseId | null> {
  const real = async (path: string) => realpath(path).catch(() => path)
  const [release = '', app] = relative(await real(releases), await real(folder)).split(sep)
  return /^r\d+$/.test(release) && app === 'app' ? release : null
}

async function workingFolder(process: Pm2Process): Promise<string> {
  const folder = await readlink(`/proc/${process.pid}/cwd`).catch(() => process.cwd)
  return folder.replace(/ \(deleted\)$/, '')
}
