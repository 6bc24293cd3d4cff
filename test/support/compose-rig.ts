import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { importImages } from '../../lab/docker/base-image.ts'
import type { DockerPrograms } from '../../lab/docker/find-docker.ts'
import { CADDY_SETTINGS } from '../../lab/docker/host-on-compose.ts'
import { startEngine } from '../../lab/docker/start-engine.ts'
import { openLab } from '../../lab/open-lab.ts'
import { runOrFail } from '../../lab/run.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import { ensureAgent } from '../../src/agent-client/install-agent.ts'
import { ExecaRunner } from '../../src/command-runner/execa-runner.ts'
import { pullImage } from '../../src/docker/build-image.ts'
import type { Container } from '../../src/docker/containers.ts'
import { Engine } from '../../src/docker/engine.ts'
import { inspectImage } from '../../src/docker/images.ts'
import type { ComposeLaunch, JsonValue, LaunchRecord } from '../../src/ports/release-store.ts'
import { ComposeProgram } from '../../src/runtimes/compose/compose-program.ts'
import { createComposeRuntime } from '../../src/runtimes/compose/compose-runtime.ts'
import { ownContainers } from '../../src/runtimes/compose/observe.ts'
import { createCaddyRouter } from '../../src/runtimes/compose/routers/caddy.ts'
import { createHaproxyRouter } from '../../src/runtimes/compose/routers/haproxy.ts'
import { createLabelsRouter } from '../../src/runtimes/compose/routers/labels.ts'
import type { Router } from '../../src/runtimes/compose/routers/router.ts'
import { systemClock } from '../../src/system/system-clock.ts'
import type { FakeFlaw } from './fake-host.ts'
import { startLabelRouter } from './label-router.ts'
import { appSource, ask, type RuntimeRig, type Shape, takePort } from './runtime-rig.ts'
import { launchFor } from './temporary-project.ts'

/** How requests reach the containers; `bare` without the agent. */
export type ComposeShape = 'haproxy' | 'haproxy-bare' | 'caddy' | 'labels' | 'published'
export const composeShapes: ComposeShape[] = ['haproxy', 'haproxy-bare', 'caddy', 'labels', 'published']

const AGENT = fileURLToPath(new URL('../../dist/agent', import.meta.url))
const PORT = 3_000

/** A private engine with one Compose project, `store`, and what routes to its service `app`. */
export async function openComposeRig(shape: ComposeShape, programs: DockerPrograms): Promise<RuntimeRig> {
  const lab = await openLab({ name: 'contract-compose' })
  const engine = await startEngine(lab, programs)
  await importImages(engine, join(lab.dir, 'images'))
  const api = new Engine(engine.address)
  const image = (await inspectImage(api, 'node:20-bookworm-slim'))?.id ?? ''
  const [port, adminPort] = [await lab.freePort(), await lab.freePort()]
  const releases = join(lab.dir, 'releases')
  const project = join(lab.dir, 'store')
  const home = join(lab.dir, 'home')
  const runFolder = join(home, 'run', 'store')
  for (const folder of ['router', 'live']) await mkdir(join(project, folder), { recursive: true })
  await writeFile(join(project, 'router/haproxy.cfg'), haproxyConfig())
  await copyFile(CADDY_SETTINGS, join(project, 'router/caddy.json'))
  await writeFile(join(project, 'compose.yaml'), composeFile(shape, port, adminPort))

  const runner = new ExecaRunner()
  const env = { ...engine.env, LASTGOOD_AGENT: '' }
  const program = new ComposeProgram({ program: programs.compose, engine: engine.address, env }, runner)
  const compose = (...args: string[]) =>
    runOrFail(
      programs.compose,
      ['-p', 'store', '--project-directory', project, '-f', join(project, 'compose.yaml'), ...args],
      {
        env: engine.env,
      },
    )
  await compose('up', '-d', 'proxy')
  if (shape === 'labels') {
    const { close } = await startLabelRouter(engine.address, port)
    lab.onClose(close)
  }

  const writeApp = async (name: string, flaw?: FakeFlaw) => {
    const directory = join(releases, name, 'app')
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'index.mjs'), appSource(name, PORT, flaw))
    return directory
  }
  const launchOf = (directory: string): ComposeLaunch => ({
    kind: 'compose',
    project: 'store',
    service: 'app',
    image: { id: image, pull: null, platform: 'linux/amd64' },
    definition: definitionOf(directory, shape, port),
    networks: { default: 'store_default' },
    volumes: {},
    files: { secrets: {}, configs: {} },
    instances: shape === 'published' ? 1 : 2,
    port: PORT,
    agent: shape !== 'haproxy-bare',
  })
  const units = async () => {
    const format = '{{.Label "com.docker.compose.service"}} {{.Label "com.docker.compose.project"}}'
    const lines = (await engine.docker('ps', '-a', '--format', format)).split('\n')
    return lines.flatMap((line) => /^app\S* (.+)$/.exec(line)?.[1] ?? [])
  }
  const rigShape: Shape = {
    mode: shape === 'published' ? 'fork' : 'cluster',
    agent: shape === 'haproxy' || shape === 'caddy' || shape === 'labels',
  }
  const instances = shape === 'published' ? 1 : 2
  const dockerParts = { engine: api, runner, env: program.environment() }

  return {
    shape: rigShape,
    instances,
    wakes: false,
    comesBack: true,
    open: () =>
      createComposeRuntime(
        {
          engine: api,
          program,
          service: 'store',
          home,
          project: 'store',
          composeService: 'app',
          router: routerOf(shape, api, project, adminPort, () =>
            ownContainers({ engine: api, service: 'store', home }),
          ),
          runFolder,
          logFolder: join(home, 'logs'),
          containerFolder: join(home, 'containers'),
          installAgent: () => ensureAgent(AGENT, home),
          clock: systemClock,
          crash: () => {},
          adopted: null,
        },
        {
          agent: shape !== 'haproxy-bare',
          instances,
          describe: async (reference) => ({ ...launchOf(await writeApp('by-hand')), image: reference }),
          pull: (name) => pullImage(dockerParts, name),
        },
      ),
    async launch(release, flaw): Promise<LaunchRecord> {
      const directory = await writeApp(release, flaw)
      const environment = { PORT: String(PORT), HOST: '0.0.0.0', PRICE: 'costs $5 and $${more}' }
      return { ...launchFor(directory), env: environment, runtime: launchOf(directory) }
    },
    ask: () => ask({ host: '127.0.0.1', port }),
    askPrivately: ask,
    units,
    async startByHand() {
      await writeApp('by-hand')
      await compose('up', '-d', 'app')
      // With a healthcheck it is booting until that has passed.
      const isThere = async () =>
        shape === 'labels' ? (await ask({ host: '127.0.0.1', port })) !== null : (await units()).length > 0
      await waitUntil(isThere, { what: 'the container started by hand' })
    },
    takePort: shape === 'published' ? () => takePort(port) : null,
    // Every container has a restart policy, and what is not to come back is gone.
    setUpReboot: async () => {},
    async savedUnits() {
      await engine.stop()
      await engine.start()
      return units()
    },
    bringDown: () => engine.stop(),
    async reset() {
      await engine.start()
      const ids = (await engine.docker('ps', '-aq', '--filter', 'label=com.docker.compose.service')).split(
        '\n',
      )
      const names = await engine.docker('ps', '-aq', '--filter', 'label=com.docker.compose.service=proxy')
      const doomed = ids.filter((id) => id !== '' && !names.includes(id))
      if (doomed.length > 0) await engine.docker('rm', '-f', ...doomed)
      for (const folder of [runFolder, releases]) await rm(folder, { recursive: true, force: true })
    },
    [Symbol.asyncDispose]: () => lab.close(),
  }
}

function routerOf(
  shape: ComposeShape,
  engine: Engine,
  project: string,
  adminPort: number,
  own: () => Promise<Container[]>,
): Router | null {
  if (shape === 'published') return null
  if (shape === 'labels') return createLabelsRouter(engine, { settleMs: 3_000 }, systemClock)
  if (shape === 'caddy')
    return createCaddyRouter(
      { admin: `http://127.0.0.1:${adminPort}`, id: 'store', live: join(project, 'live') },
      own,
      systemClock,
    )
  return createHaproxyRouter({ socket: join(project, 'router/haproxy.sock'), backend: 'app' }, systemClock)
}

function definitionOf(directory: string, shape: ComposeShape, port: number): Record<string, JsonValue> {
  return {
    command: ['node', '/srv/app/index.mjs'],
    volumes: [`${directory}:/srv/app:ro`],
    networks: { default: null },
    ...(shape === 'published' ? { ports: [`127.0.0.1:${port}:${PORT}`] } : {}),
    ...(shape === 'labels' ? LABELED : {}),
  }
}

/** What a router that watches the engine needs to be told: by one name for all releases, and to ask another one. */
const LABELED = {
  labels: {
    'traefik.enable': 'true',
    'traefik.http.routers.store.rule': 'PathPrefix(`/`)',
    'traefik.http.routers.store.middlewares': 'again',
    'traefik.http.middlewares.again.retry.attempts': '8',
    'traefik.http.services.store.loadbalancer.server.port': String(PORT),
  },
  healthcheck: {
    test: ['CMD', 'node', '-e', `fetch("http://127.0.0.1:${PORT}").then((r) => r.ok || process.exit(1))`],
    interval: '1s',
    timeout: '20s',
    retries: 1,
  },
}

function composeFile(shape: ComposeShape, port: number, adminPort: number): string {
  const routes = shape === 'caddy' ? 'caddy' : 'haproxy'
  const command =
    routes === 'caddy'
      ? ['caddy', 'run', '--config', '/router/caddy.json']
      : ['haproxy', '-W', '-db', '-f', '/router/haproxy.cfg']
  const ports = [
    ...(shape === 'published' || shape === 'labels' ? [] : [`127.0.0.1:${port}:8080`]),
    `127.0.0.1:${adminPort}:2019`,
  ]
  return JSON.stringify({
    version: '3.8',
    services: {
      proxy: {
        image: routes === 'caddy' ? 'caddy:2' : 'haproxy:2.6',
        command,
        restart: 'always',
        volumes: ['./router:/router', './live:/run/live:ro'],
        ports,
      },
      app: {
        image: 'node:20-bookworm-slim',
        command: ['node', '/srv/app/index.mjs'],
        environment: { PORT: String(PORT), HOST: '0.0.0.0' },
        volumes: ['../releases/by-hand/app:/srv/app:ro'],
        ...(shape === 'labels' ? LABELED : {}),
      },
    },
  })
}

/** Stricter than examples/my-store-api: a request that goes to a container which refuses it is lost, and checks are late. */
function haproxyConfig(): string {
  return `global
  stats socket /router/haproxy.sock mode 660 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
resolvers docker
  nameserver dns 127.0.0.11:53
  timeout resolve 200ms
  timeout retry 200ms
  hold valid 200ms
  hold nx 200ms
  hold obsolete 0s
frontend public
  bind :8080
  default_backend app
backend app
  retries 0
  server-template app 8 app:${PORT} check inter 2s fall 1 rise 1 resolvers docker init-addr none
`
}
