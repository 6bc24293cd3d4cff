import { existsSync } from 'node:fs'
import { access, constants, mkdtemp, rmdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { run } from '../run.ts'

export type DockerPrograms = {
  dockerd: string
  docker: string
  /** docker-compose 1, or the plugin run as a program. */
  compose: string
  haproxy: string
  /** The plugin that `docker build` builds with; null: the engine's own old builder. */
  buildx: string | null
  caddy: string | null
  registry: string | null
  unshare: string
}

/** Where Debian puts what only root starts, and Docker its plugins. */
const MORE_FOLDERS = [
  '/usr/sbin',
  '/sbin',
  '/usr/bin',
  '/usr/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
]

/** What is there to start an engine with; else why no engine can be. */
export async function findDocker(): Promise<DockerPrograms | { missing: string }> {
  if (process.platform !== 'linux') return { missing: 'an engine of its own needs Linux' }
  if (process.getuid?.() !== 0) return { missing: 'an engine of its own is started as root' }
  const names = [
    'dockerd',
    'docker',
    'docker-compose',
    'haproxy',
    'unshare',
    'caddy',
    'docker-registry',
    'docker-buildx',
  ] as const
  const paths = await Promise.all(names.map(find))
  const [dockerd, docker, compose, haproxy, unshare, caddy, registry, buildx] = paths
  const needed = names.slice(0, 5).filter((_, index) => paths[index] === null)
  if (!dockerd || !docker || !compose || !haproxy || !unshare)
    return { missing: `${needed.join(', ')}: not installed` }
  const refused = await whyNoEngine(unshare)
  if (refused !== null) return { missing: `this machine allows no engine: ${refused}` }
  const optional = { caddy: caddy ?? null, registry: registry ?? null, buildx: buildx ?? null }
  return { dockerd, docker, compose, haproxy, unshare, ...optional }
}

/** What an engine asks of the kernel, tried where it leaves nothing: namespaces, bridges and pairs of interfaces, groups. */
async function whyNoEngine(unshare: string): Promise<string | null> {
  const links = 'ip link add lg0 type bridge && ip link add lg1 type veth peer name lg2'
  const namespaces = ['--mount', '--pid', '--net', '--fork', '--mount-proc']
  const env = { PATH: [process.env.PATH ?? '', ...MORE_FOLDERS].join(delimiter) }
  const tried = await run(unshare, [...namespaces, 'sh', '-c', links], { env })
  if (tried.exitCode !== 0) return tried.stderr.trim().split('\n').at(-1) ?? 'no namespaces'
  const groups = ['/sys/fs/cgroup/memory', '/sys/fs/cgroup'].find((folder) => existsSync(folder))
  if (groups === undefined) return 'there are no control groups'
  try {
    await rmdir(await mkdtemp(join(groups, 'lastgood-look-')))
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function find(name: string): Promise<string | null> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...MORE_FOLDERS].filter(
    (folder) => folder !== '',
  )
  for (const folder of folders) {
    const path = join(folder, name)
    const there = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (there) return path
  }
  return null
}
