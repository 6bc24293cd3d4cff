import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

export type DockerPrograms = {
  dockerd: string
  docker: string
  /** docker-compose 1, or the plugin run as a program. */
  compose: string
  haproxy: string
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

/** What is there to start an engine with; else why there is nothing. */
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
  ] as const
  const paths = await Promise.all(names.map(find))
  const [dockerd, docker, compose, haproxy, unshare, caddy, registry] = paths
  const needed = names.slice(0, 5).filter((_, index) => paths[index] === null)
  if (!dockerd || !docker || !compose || !haproxy || !unshare)
    return { missing: `${needed.join(', ')}: not installed` }
  return { dockerd, docker, compose, haproxy, unshare, caddy: caddy ?? null, registry: registry ?? null }
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
