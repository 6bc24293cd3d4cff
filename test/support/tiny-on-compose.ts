import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { importImages } from '../../lab/docker/base-image.ts'
import type { DockerPrograms } from '../../lab/docker/find-docker.ts'
import { type LabEngine, startEngine } from '../../lab/docker/start-engine.ts'
import { STORE_DIR } from '../../lab/history/copy-store.ts'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import { runOrFail } from '../../lab/run.ts'
import { openTinyServiceOn, type Settings, type TinyHost, type TinyService } from './tiny-service.ts'

export interface TinyOnCompose extends TinyService {
  engine: LabEngine
  compose(...args: string[]): Promise<string>
  /** Ids of every container of the service, in whatever state. */
  containers(): Promise<string[]>
  /** What the engine was told of each: without its id, its addresses, and the moment. */
  asked(): Promise<Asked[]>
  /** The Compose project of each of them: a release has one of its own. */
  units(): Promise<string[]>
  /** Containers, networks, sockets and markers of anything but this release and its router. */
  leftovers(release: string): Promise<string[]>
}

/** The tiny service on an engine of its own: behind the store's own HAProxy, or with the host's port itself. */
export async function openTinyOnCompose(
  name: string,
  programs: DockerPrograms,
  settings: Partial<Settings> = {},
  router: 'haproxy' | 'none' = 'haproxy',
): Promise<TinyOnCompose> {
  const lab = await openLab({ name })
  const engine = await startEngine(lab, programs)
  await importImages(engine, join(lab.dir, 'images'))
  const service = await openTinyServiceOn(lab, (here) => hostOnCompose(here, engine, router), {
    startTimeout: '15s',
    ...settings,
  })
  const compose = (...args: string[]) =>
    runOrFail(programs.compose, ['-p', 'tiny', ...args], { cwd: service.repo, env: engine.env })
  // Compose 1 and 2 name containers differently; their labels are the same.
  const list = async (format: string, ...filter: string[]) =>
    lines(await engine.docker('ps', '-a', '--no-trunc', ...filter, '--format', format))
  const ofApp = ['--filter', 'label=com.docker.compose.service=app']
  const containers = () => list('{{.ID}}', ...ofApp)
  return {
    ...service,
    engine,
    compose,
    containers,
    units: () => list(PROJECT, ...ofApp),
    asked: async () =>
      (JSON.parse(await engine.docker('inspect', ...(await containers()))) as Inspected[])
        .sort((a, b) => numberOf(a) - numberOf(b))
        .map(askedOf),
    async leftovers(release) {
      const containers = await list(`${PROJECT} {{.Label "com.docker.compose.service"}}`)
      const networks = await engine.docker('network', 'ls', '--format', '{{.Name}}')
      const files = await readdir(join(service.home, 'run/tiny/c'))
      const known = [...OWN, `tiny-${release} app`]
      return [...containers, ...lines(networks)]
        .filter((each) => !known.includes(each))
        .concat(files.filter((file) => !file.startsWith(`${release}-`)))
    },
  }
}

type Inspected = {
  Id: string
  Name: string
  Config: { Hostname: string; Env: string[]; Labels: Record<string, string> }
  HostConfig: { NetworkMode: string; Mounts?: { Target: string }[] }
  NetworkSettings: {
    Networks: Record<
      string,
      { NetworkID: string; Aliases: string[] | null; Links: unknown; DriverOpts: unknown }
    >
  }
}

const numberOf = ({ Config }: Inspected) => Number(Config.Labels['com.docker.compose.container-number'])

type Asked = ReturnType<typeof askedOf>

function askedOf({ Id, Name, Config, HostConfig, NetworkSettings }: Inspected) {
  const { Hostname, Env, Labels: labels, ...config } = Config
  const networks = Object.entries(NetworkSettings.Networks).map(([name, { Aliases, Links, DriverOpts }]) => {
    // Its own name, which Compose 2 says as well, it has in any network.
    const aliases = (Aliases ?? []).filter((alias) => !Id.startsWith(alias) && alias !== Name.slice(1)).sort()
    return { name, aliases, Links, DriverOpts }
  })
  // By its id or by its name; and Compose 2 has them in no order.
  const ids = Object.entries(NetworkSettings.Networks).map(([name, { NetworkID }]) => [NetworkID, name])
  const host = {
    ...HostConfig,
    NetworkMode: Object.fromEntries(ids)[HostConfig.NetworkMode] ?? HostConfig.NetworkMode,
    Mounts: HostConfig.Mounts?.sort((a, b) => a.Target.localeCompare(b.Target)),
  }
  return { config, labels, env: Env.sort(), named: !Id.startsWith(Hostname), host, networks }
}

/** Of the engine, and of the user's own project. */
const OWN = ['tiny proxy', 'tiny_default', 'bridge', 'host', 'none']
const PROJECT = '{{.Label "com.docker.compose.project"}}'
const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .sort()

async function hostOnCompose(lab: Lab, engine: LabEngine, router: 'haproxy' | 'none'): Promise<TinyHost> {
  const port = await lab.freePort()
  const { programs } = engine
  const files = {
    Dockerfile:
      'FROM node:20-bookworm-slim\nWORKDIR /app\nCOPY package.json index.mjs ./\nUSER node\nCMD ["node", "index.mjs"]\n',
    'compose.yaml': `version: "3.8"
services:
  app:
    build: .
    environment: { PORT: "3000", HOST: 0.0.0.0, PRICE: "5$$" }
    ${router === 'none' ? `ports: ["127.0.0.1:${port}:3000"]` : 'expose: ["3000"]'}
  proxy:
    image: haproxy:2.6
    restart: always
    ports: ["127.0.0.1:${port}:8080"]
    volumes: ["../haproxy:/usr/local/etc/haproxy:ro", "../proxy:/run/haproxy"]
`,
  }
  const haproxy = { socket: join(lab.dir, 'proxy/admin.sock'), backend: 'app' }
  return {
    port,
    env: engine.env,
    runtime: ({ instances, agent, registry }) => ({
      build: '[]',
      runtime: {
        kind: 'compose',
        project: 'tiny',
        service: 'app',
        instances,
        agent,
        ...(registry === undefined ? {} : { registry }),
        router: router === 'none' ? null : { haproxy },
      },
      env: {},
    }),
    files,
    async open(repo) {
      for (const folder of ['haproxy', 'proxy']) await mkdir(join(lab.dir, folder), { recursive: true })
      await writeFile(
        join(lab.dir, 'haproxy/haproxy.cfg'),
        await readFile(join(STORE_DIR, 'haproxy/haproxy.cfg'), 'utf8'),
      )
      await writeFile(join(repo, 'compose.yaml'), files['compose.yaml'])
      if (router === 'none') return void (await engine.docker('network', 'create', 'tiny_default'))
      await runOrFail(programs.compose, ['-p', 'tiny', 'up', '-d', 'proxy'], { cwd: repo, env: engine.env })
    },
  }
}
