import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { readlink } from 'node:fs/promises'
import type { Lab } from '../open-lab.ts'
import { endProcess } from '../reaper/ending.mjs'
import { identify } from '../reaper/process-table.mjs'
import { runOrFail } from '../run.ts'
import { waitUntil } from '../wait-until.ts'
import type { DockerPrograms } from './find-docker.ts'
import { type LabEngine, startEngine } from './start-engine.ts'

export type SwarmNode = {
  /** Its host name. */
  name: string
  address: string
  engine: LabEngine
}

export type SwarmNodes = {
  nodes: SwarmNode[]
  /** This host's own address in their network. */
  address: string
}

/**
 * Engines that know of each other only by a network, as those of several hosts do: each in a network namespace of its own,
 * plugged into one switch. The switch is in a namespace as well, so that no firewall of this host has a say in what the nodes
 * tell each other; with its only process the kernel takes all of it, the cables included.
 */
export async function openSwarmNodes(lab: Lab, programs: DockerPrograms, count: number): Promise<SwarmNodes> {
  const net = `100.${randomInt(64, 128)}.${randomInt(256)}`
  const hub = await startHub(lab, programs, `${net}.254`)
  const open = async (number: number): Promise<SwarmNode> => {
    const name = `node-${number}`
    const address = `${net}.${number}`
    const mac = `02:00:00:00:00:0${number}`
    const plugIn = ['sh', '-ec', PLUG_IN, 'sh', String(hub), name, address, mac]
    const within = [programs.unshare, '--net', '--uts', ...plugIn]
    return { name, address, engine: await startEngine(lab, programs, { name, within }) }
  }
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  return { nodes: await Promise.all(numbers.map(open)), address: `${net}.254` }
}

/**
 * Plugged in again, the old cable goes first: a connection that was cut may still hold its other end. The address of its card
 * stays the same, so that nobody has to find out that it has another.
 */
const PLUG_IN = `
hub=$1 name=$2 address=$3 mac=$4
shift 4
echo "$name" >/proc/sys/kernel/hostname
ip link set lo up
nsenter --target "$hub" --net ip link delete "$name" 2>/dev/null || true
ip link add eth0 address "$mac" type veth peer name "$name" netns "$hub"
nsenter --target "$hub" --net ip link set "$name" master hub up
ip address add "$address/24" dev eth0
ip link set eth0 up
exec "$@"`

/** @returns the process whose network it is */
async function startHub(lab: Lab, { unshare }: DockerPrograms, address: string): Promise<number> {
  const env = { ...lab.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
  const child = spawn(unshare, ['--net', 'sleep', 'infinity'], { detached: true, stdio: 'ignore', env })
  child.unref()
  const identity = child.pid === undefined ? undefined : identify(child.pid)
  if (child.pid === undefined || !identity) throw new Error('the network of the nodes could not be made')
  lab.watch(child.pid)
  const namespaceOf = (who: string) => readlink(`/proc/${who}/ns/net`)
  const ours = await namespaceOf('self')
  await waitUntil(async () => (await namespaceOf(String(child.pid))) !== ours, {
    what: 'the network of the nodes',
  })
  const cable = `lg${child.pid}`
  lab.onClose(() => endProcess(identity))
  const inside = ['nsenter', '--target', String(child.pid), '--net', 'ip']
  for (const [program = '', ...args] of [
    [...inside, 'link', 'add', 'hub', 'type', 'bridge'],
    [...inside, 'link', 'set', 'hub', 'up'],
    ['ip', 'link', 'add', cable, 'type', 'veth', 'peer', 'name', 'host', 'netns', String(child.pid)],
    [...inside, 'link', 'set', 'host', 'master', 'hub', 'up'],
    ['ip', 'address', 'add', `${address}/24`, 'dev', cable],
    ['ip', 'link', 'set', cable, 'up'],
  ])
    await runOrFail(program, args, { env })
  return child.pid
}
