import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { STORE_DIR } from '../history/copy-store.ts'
import type { Lab } from '../open-lab.ts'
import { runOrFail } from '../run.ts'
import type { StoreHost } from '../store-service.ts'
import { waitUntil } from '../wait-until.ts'
import type { LabEngine } from './start-engine.ts'
import { openStoreParts } from './store-parts.ts'

/** What brings the store's requests to its containers. */
export type LabRouter = 'haproxy' | 'caddy' | 'none'
export type ComposeHost = StoreHost & {
  engine: LabEngine
  compose(...args: string[]): Promise<string>
}

const PROJECT = 'shop'
/** It looks in /run/live. */
export const CADDY_SETTINGS = join(STORE_DIR, 'caddy/caddy.json')

/** The store's own compose.yaml on an engine of the lab's own. Its PostgreSQL is the lab's, over its Unix socket. */
export async function hostOnCompose(lab: Lab, router: LabRouter = 'haproxy'): Promise<ComposeHost> {
  const [parts, adminPort] = await Promise.all([openStoreParts(lab), lab.freePort()])
  const { engine, port, databaseUrl, sockets } = parts
  const { programs } = engine
  const run = join(lab.dir, 'proxy')
  await mkdir(run)
  const env = {
    ...engine.env,
    STORE_DATABASE_URL: databaseUrl,
    POSTGRES_SOCKETS: sockets,
    PROXY_RUN: run,
  }
  let folder = ''
  const compose = (...args: string[]) =>
    runOrFail(programs.compose, ['--project-name', PROJECT, ...args], {
      cwd: folder,
      env: { ...env, PORT: String(port) },
    })
  const routers = {
    haproxy: { haproxy: { socket: join(run, 'admin.sock'), backend: 'app' } },
    caddy: { caddy: { admin: `http://127.0.0.1:${adminPort}`, id: 'store', live: join(run, 'live') } },
    none: null,
  }
  return {
    engine,
    compose,
    port,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: lastgood puts the value in
    databaseUrl: '${STORE_DATABASE_URL}',
    env,
    serviceEnv: {},
    runtime: ({ instances }) => ({
      kind: 'compose',
      project: PROJECT,
      service: 'app',
      // Without a router the host's port goes to one container: laid over the store's own file.
      ...(router === 'none' ? { files: ['compose.yaml', 'compose.published.yaml'] } : {}),
      instances: router === 'none' ? 1 : instances,
      program: programs.compose,
      router: routers[router],
    }),
    async open(repo) {
      folder = repo
      if (router === 'haproxy') await compose('up', '-d', 'proxy')
      else await engine.docker('network', 'create', `${PROJECT}_default`)
      if (router === 'caddy') await startCaddy(engine, run, port, adminPort)
    },
  }
}

async function startCaddy(engine: LabEngine, run: string, port: number, adminPort: number): Promise<void> {
  const live = join(run, 'live')
  await mkdir(live)
  await copyFile(CADDY_SETTINGS, join(run, 'caddy.json'))
  await engine.docker(
    ...['run', '-d', '--name', 'caddy', '--network', `${PROJECT}_default`, '--restart', 'always'],
    ...['-p', `127.0.0.1:${port}:8080`, '-p', `127.0.0.1:${adminPort}:2019`, '-v', `${run}:/run/caddy`],
    ...['-v', `${live}:/run/live:ro`],
    ...['caddy:2', 'caddy', 'run', '--config', '/run/caddy/caddy.json'],
  )
  const isUp = () => fetch(`http://127.0.0.1:${adminPort}/id/store`).then(({ ok }) => ok)
  await waitUntil(isUp, { what: 'Caddy' })
}
