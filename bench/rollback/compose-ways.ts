import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ComposeHost } from '../../lab/docker/host-on-compose.ts'
import { STORE_DIR } from '../../lab/history/copy-store.ts'
import { runOrFail } from '../../lab/run.ts'
import type { StoreService } from '../../lab/store-service.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import type { Way } from './way.ts'

/** The images that lastgood has built for its own ways. */
export const GOOD_IMAGE = 'lastgood/my-store-api:r1'
const BAD_IMAGE = 'lastgood/my-store-api:r3'
const CONTAINERS = 2
/** docker-rollout's own patience. */
const HEALTHY_MS = 120_000

type Place = {
  url: string
  compose(image: string, ...args: string[]): Promise<void>
  docker(...args: string[]): Promise<string>
}

/** The ways without lastgood, behind a router of their own: HAProxy with the store's settings for it, or Caddy. */
export async function composeWays(
  store: StoreService,
  host: ComposeHost,
  router: 'haproxy' | 'caddy',
): Promise<Way[]> {
  const place = await openPlace(store, host, router)
  return [composeUp(place), dockerRollout(place)]
}

async function openPlace(
  store: StoreService,
  host: ComposeHost,
  router: 'haproxy' | 'caddy',
): Promise<Place> {
  const { lab } = store
  const folder = join(lab.dir, 'ways')
  const port = await lab.freePort()
  for (const name of ['haproxy', 'run']) await mkdir(join(folder, name), { recursive: true })
  const settings = await readFile(join(STORE_DIR, 'haproxy/haproxy.cfg'), 'utf8')
  await writeFile(join(folder, 'haproxy/haproxy.cfg'), settings)
  await writeFile(join(folder, 'run/caddy.json'), caddyConfig())
  await writeFile(join(folder, 'compose.yaml'), composeFile(port, router))
  const env = { ...host.env, STORE_DATABASE_URL: host.env.STORE_DATABASE_URL ?? '' }
  const compose: Place['compose'] = async (image, ...args) => {
    await runOrFail(host.engine.programs.compose, ['--project-name', 'ways', ...args], {
      cwd: folder,
      env: { ...env, IMAGE: image },
      timeoutMs: 120_000,
    })
  }
  await compose(GOOD_IMAGE, 'up', '-d', 'proxy')
  return { url: `http://127.0.0.1:${port}`, compose, docker: host.engine.docker }
}

function composeUp({ url, compose, docker }: Place): Way {
  const up = (image: string) => compose(image, 'up', '-d', '--scale', `app=${CONTAINERS}`, 'app')
  return {
    name: 'compose-up',
    does: '`docker compose up -d` with the old image in the file',
    url,
    setUp: async () => {},
    makeBad: () => up(BAD_IMAGE),
    goBack: () => up(GOOD_IMAGE),
    rest: () => clear(docker),
  }
}

/** What the plugin docker-rollout does: twice as many, wait until the new ones are healthy, stop the old ones. */
function dockerRollout({ url, compose, docker }: Place): Way {
  const rollOut = async (image: string) => {
    const old = await containers(docker)
    const scale = `app=${old.length === 0 ? CONTAINERS : old.length * 2}`
    await compose(image, 'up', '-d', '--no-recreate', '--no-deps', '--scale', scale, 'app')
    const isNew = (id: string) => !old.includes(id)
    await waitUntil(
      async () => {
        const healthy = (
          await docker('ps', '-q', '--no-trunc', ...FILTER, '--filter', 'health=healthy')
        ).split('\n')
        return (await containers(docker)).filter(isNew).every((id) => healthy.includes(id))
      },
      { what: 'the new containers to be healthy', timeoutMs: HEALTHY_MS, everyMs: 1_000 },
    )
    if (old.length === 0) return
    await docker('stop', ...old)
    await docker('rm', ...old)
  }
  return {
    name: 'docker-rollout',
    does: 'what docker-rollout does: twice as many containers, wait until the new ones are healthy, stop the old ones',
    url,
    setUp: async () => {},
    makeBad: () => rollOut(BAD_IMAGE),
    goBack: () => rollOut(GOOD_IMAGE),
    rest: () => clear(docker),
  }
}

const FILTER = [
  ...['--filter', 'label=com.docker.compose.project=ways'],
  ...['--filter', 'label=com.docker.compose.service=app'],
]

async function containers(docker: Place['docker']): Promise<string[]> {
  const ids = await docker('ps', '-aq', '--no-trunc', ...FILTER)
  return ids.split('\n').filter((id) => id !== '')
}

async function clear(docker: Place['docker']): Promise<void> {
  const ids = await containers(docker)
  if (ids.length > 0) await docker('rm', '-f', ...ids)
}

/** It asks Docker's DNS for the containers, and tries another one where one refuses. */
function caddyConfig(): string {
  const handler = {
    handler: 'reverse_proxy',
    dynamic_upstreams: { source: 'a', name: 'app', port: '3000', refresh: '500ms' },
    load_balancing: { selection_policy: { policy: 'round_robin' }, try_duration: '5s', try_interval: '50ms' },
  }
  const server = { listen: [':8080'], routes: [{ handle: [handler] }], automatic_https: { disable: true } }
  return JSON.stringify({ apps: { http: { servers: { public: server } } } })
}

function composeFile(port: number, router: 'haproxy' | 'caddy'): string {
  const ready =
    "fetch('http://127.0.0.1:3000/health/ready').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
  const haproxy = {
    image: 'haproxy:2.6',
    volumes: ['./haproxy:/usr/local/etc/haproxy:ro', './run:/run/haproxy'],
  }
  const command = ['caddy', 'run', '--config', '/run/caddy/caddy.json']
  const caddy = { image: 'caddy:2', volumes: ['./run:/run/caddy:ro'], command }
  return JSON.stringify({
    version: '3.8',
    services: {
      proxy: { ...(router === 'haproxy' ? haproxy : caddy), ports: [`127.0.0.1:${port}:8080`] },
      app: {
        // biome-ignore-start lint/suspicious/noTemplateCurlyInString: Compose puts the values in
        image: '${IMAGE}',
        environment: { DATABASE_URL: '${STORE_DATABASE_URL}' },
        volumes: ['${POSTGRES_SOCKETS}:/var/run/postgresql'],
        // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
        healthcheck: {
          test: ['CMD', 'node', '-e', ready],
          interval: '2s',
          timeout: '10s',
          retries: 3,
          start_period: '60s',
        },
      },
    },
  })
}
