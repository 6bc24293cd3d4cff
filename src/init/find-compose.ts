import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { FoundCompose } from './findings.ts'

/** In Compose's own order; a stack is what is given to `docker stack deploy`. */
const FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']
const STACKS = ['stack.yaml', 'stack.yml', 'docker-stack.yaml', 'docker-stack.yml']
const ROUTERS = ['haproxy', 'caddy', 'traefik'] as const

/** The service that is built from this folder, and what routes to it, from the first file that has one. */
export async function findCompose(directory: string): Promise<FoundCompose | null> {
  for (const file of [...FILES, ...STACKS]) {
    const services = await readServices(join(directory, file))
    const own =
      services.find(([, { build }]) => build !== undefined) ?? (isStack(file) ? services[0] : undefined)
    if (own === undefined) continue
    const images = services.map(([, { image }]) => String(image ?? ''))
    const router = ROUTERS.find((name) => images.some((image) => image.includes(name))) ?? null
    return { file, service: own[0], kind: isStack(file) ? 'swarm' : 'compose', router }
  }
  return null
}

const isStack = (file: string) => STACKS.includes(file)

type Service = { build?: unknown; image?: unknown }

/** A file that cannot be read tells nothing. */
async function readServices(path: string): Promise<[string, Service][]> {
  try {
    const content: unknown = parse(await readFile(path, 'utf8'))
    const services = content instanceof Object && 'services' in content ? content.services : null
    return services instanceof Object ? (Object.entries(services) as [string, Service][]) : []
  } catch {
    return []
  }
}
