import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Lab } from '../open-lab.ts'
import { endProcess } from '../reaper/ending.mjs'
import { identify, isRunning } from '../reaper/process-table.mjs'
import { run, runOrFail } from '../run.ts'
import { waitUntil } from '../wait-until.ts'
import type { DockerPrograms } from './find-docker.ts'
import { linkPlugins } from './link-plugins.ts'
import { removeTraces } from './traces.mjs'

export type LabEngine = {
  programs: DockerPrograms
  /** `unix:///tmp/lg-x/docker.sock` */
  address: string
  socket: string
  env: Record<string, string>
  /** The `docker` program. @returns what it printed */
  docker(...args: string[]): Promise<string>
  /** The engine ends, its containers with it. */
  stop(): Promise<void>
  /** The same at once, as when the power goes. */
  kill(): Promise<void>
  /** Put before a command that is to find the network as the engine has it. */
  beside(): string[]
  /** The same engine again, on the same data; nothing, where it runs. @param more variables of its own */
  start(more?: Record<string, string>): Promise<void>
}

export type EnginePlace = {
  /** Of its folder and its socket. */
  name: string
  /** Put before its own command: what makes it a network of its own. */
  within: string[]
}

/** One of 128 that no bridge of this host is in: two engines that run at once do not meet. */
function freeNetwork(): string {
  const taken = Object.values(networkInterfaces()).flatMap(
    (each) => each?.map(({ address }) => address) ?? [],
  )
  const free = Array.from({ length: 128 }, (_, index) => `10.${128 + index}`).filter(
    (net) => !taken.some((address) => address.startsWith(`${net}.`)),
  )
  const net = free[randomInt(free.length)]
  if (net === undefined) throw new Error('every network from 10.128 to 10.255 is in use')
  return net
}

/** Long enough for containers that leave when they are told to. */
const SHUTDOWN_SECONDS = 3

/**
 * An engine of its own: socket, data, bridges. It runs in a PID and a mount namespace of its own, so that when its first
 * process is killed the kernel ends all that it started, and takes back every mount. It changes no firewall rule: published
 * ports go through docker-proxy, and containers reach each other and this host, nothing else.
 */
export async function startEngine(
  lab: Lab,
  programs: DockerPrograms,
  { name, within }: EnginePlace = { name: 'docker', within: [] },
): Promise<LabEngine> {
  const dir = join(lab.dir, name)
  await mkdir(dir, { recursive: true })
  await linkPlugins(lab.dir, programs)
  const socket = join(lab.dir, `${name}.sock`)
  const address = `unix://${socket}`
  const net = freeNetwork()
  const group = `lastgood-lab-${lab.dir.replace(/^.*-/, '')}-${name}`
  const traces = { net: `${net}.`, group }
  lab.sweep(traces)
  const env = { ...lab.env, PATH: process.env.PATH ?? '', HOME: lab.dir, DOCKER_HOST: address }
  const log = join(lab.dir, `${name}.log`)
  let identity: ReturnType<typeof identify>

  async function start(more: Record<string, string> = {}): Promise<void> {
    if (identity && isRunning(identity)) return
    const output = await open(log, 'a')
    const command = [
      programs.unshare,
      ...NAMESPACES,
      programs.dockerd,
      ...engineArgs(dir, address, net, group),
    ]
    const [program = '', ...args] = [...within, ...command]
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      env: { ...env, PATH: `${env.PATH}:/usr/sbin:/sbin`, ...more },
    })
    child.unref()
    await output.close()
    identity = child.pid === undefined ? undefined : identify(child.pid)
    if (child.pid === undefined || !identity) throw new Error('the engine could not be started')
    lab.watch(child.pid)
    await waitUntil(isUp, { what: `the engine (${log})`, timeoutMs: 30_000, everyMs: 100 })
  }

  async function isUp(): Promise<boolean> {
    const args = ['version', '--format', '{{.Server.Version}}']
    return (await run(programs.docker, args, { env })).exitCode === 0
  }

  async function stop(): Promise<void> {
    if (!identity) return
    const ended = identity
    identity = undefined
    await endEngine(dir, ended)
    await removeTraces(traces)
  }

  /** With its first process the kernel takes all of it. */
  async function kill(): Promise<void> {
    if (identity) await endProcess(identity)
    identity = undefined
    // What a start of the host clears as well: a pid that is written there is soon somebody else's.
    for (const name of ['pid', 'exec']) await rm(join(dir, name), { recursive: true, force: true })
    await removeTraces(traces)
  }

  // At the end nothing in it is worth a farewell.
  lab.onClose(kill)
  await start()
  return {
    programs,
    address,
    socket,
    env,
    docker: async (...args) => (await runOrFail(programs.docker, args, { env, timeoutMs: 120_000 })).trim(),
    start,
    stop,
    kill,
    beside: () =>
      within.length === 0 || !identity ? [] : ['nsenter', '--target', String(identity.pid), '--net'],
  }
}

/** Where the nodes of a swarm are, and the registry that they pull from. */
const NODES = '100.64.0.0/10'
const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc']

function engineArgs(dir: string, address: string, net: string, group: string): string[] {
  return [
    ...['--host', address, '--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec')],
    ...['--pidfile', join(dir, 'pid'), '--bridge', 'none', '--iptables=false', '--ip6tables=false'],
    ...['--ip-forward=false', '--ip-masq=false', '--default-address-pool', `base=${net}.0.0/16,size=24`],
    ...['--shutdown-timeout', String(SHUTDOWN_SECONDS), '--cgroup-parent', `/${group}`],
    ...['--log-level', 'warn', '--insecure-registry', '127.0.0.0/8', '--insecure-registry', NODES],
  ]
}

/** The engine is asked to end its containers; then the namespace goes, and everything that is left in it. */
async function endEngine(dir: string, identity: { pid: number; started: string }): Promise<void> {
  const engine = await childOf(identity.pid)
  if (engine !== null)
    await endProcess(engine, { signal: 'SIGTERM', graceMs: (SHUTDOWN_SECONDS + 10) * 1_000 })
  await endProcess(identity)
  await rm(join(dir, 'pid'), { force: true })
}

/** dockerd is the first process of the namespace, and the only child of unshare. */
async function childOf(pid: number) {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const child = Number(children.trim().split(' ')[0])
  return child > 0 ? (identify(child) ?? null) : null
}
