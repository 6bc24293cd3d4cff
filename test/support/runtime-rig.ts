import { mkdir, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openLab } from '../../lab/open-lab.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import { ensureAgent } from '../../src/agent-client/install-agent.ts'
import { ensureRunFolder } from '../../src/agent-client/run-folder.ts'
import { ExecaRunner } from '../../src/command-runner/execa-runner.ts'
import type { ReleaseId } from '../../src/domain/release.ts'
import type { LaunchRecord } from '../../src/ports/release-store.ts'
import type { PrivateAddress, Runtime } from '../../src/ports/runtime.ts'
import { Pm2Program } from '../../src/runtimes/pm2/pm2-program.ts'
import { createPm2Runtime } from '../../src/runtimes/pm2/pm2-runtime.ts'
import { systemClock } from '../../src/system/system-clock.ts'
import { createFakeClock } from './fake-clock.ts'
import { type FakeFlaw, FakeHost } from './fake-host.ts'
import { createFakeRuntime } from './fake-runtime.ts'
import { launchFor } from './temporary-project.ts'

export interface Shape {
  /** cluster: two releases can take traffic at once. */
  mode: 'cluster' | 'fork'
  /** Instances can be held back. */
  agent: boolean
}

/** A runtime and the world around it, as the contract needs to look at and to spoil them. */
export interface RuntimeRig extends AsyncDisposable {
  shape: Shape
  instances: number
  /** As a new process of lastgood would have it. */
  open(): Runtime
  /** A release that can be started. */
  launch(release: ReleaseId, flaw?: FakeFlaw): Promise<LaunchRecord>
  /** The release that answers in public; null: nobody does. */
  ask(): Promise<string | null>
  askPrivately(address: PrivateAddress): Promise<string | null>
  /** Names of what the runtime itself has, by its own listing. */
  units(): Promise<string[]>
  /** What somebody started by hand under the service's plain name. */
  startByHand(): Promise<void>
  /** Null: where it is, nobody else could have it. */
  takePort: (() => Promise<() => Promise<void>>) | null
  /** Whether lastgood may start the runtime itself. */
  wakes: boolean
  /** What runs comes back after a reboot without being saved. */
  comesBack: boolean
  /** The host is set up to bring its apps back after a reboot. */
  setUpReboot(): Promise<void>
  savedUnits(): Promise<string[]>
  /** The runtime is not running, and nobody may wake it by looking. */
  bringDown(): Promise<void>
  /** Nothing runs any more, and nothing is set up; the runtime is up. */
  reset(): Promise<void>
}

export async function openFakeRig(shape: Shape, keepsTried = false): Promise<RuntimeRig> {
  const newHost = () => Object.assign(new FakeHost(), { keepsTried })
  let host = newHost()
  const clock = createFakeClock()
  const instances = shape.mode === 'cluster' ? 2 : 1
  return {
    shape,
    instances,
    wakes: true,
    comesBack: false,
    open: () => createFakeRuntime({ host, clock }),
    async launch(release, flaw) {
      if (flaw !== undefined) host.flaws.set(release, flaw)
      const launch = launchFor(`/srv/releases/${release}/app`)
      return { ...launch, runtime: { ...launch.runtime, ...shape, instances } }
    },
    ask: async () => host.listening()[0]?.release ?? null,
    askPrivately: async (address) => host.at(address)?.release ?? null,
    units: async () => [...new Set(host.processes.map(({ unit }) => unit))],
    async startByHand() {
      const facts = { release: null, unit: host.app, probe: false, agent: false, startedAt: clock.now() }
      host.start({ ...facts, state: 'running' })
    },
    async takePort() {
      host.strangerOnPort = true
      return async () => {
        host.strangerOnPort = false
      }
    },
    async setUpReboot() {
      host.saved = []
    },
    savedUnits: async () => host.saved ?? [],
    async bringDown() {
      host.up = false
      host.processes = []
    },
    async reset() {
      host = newHost()
    },
    async [Symbol.asyncDispose]() {},
  }
}

const AGENT = fileURLToPath(new URL('../../dist/agent', import.meta.url))

export async function openPm2Rig(shape: Shape): Promise<RuntimeRig> {
  const lab = await openLab({ name: 'contract-runtime' })
  const instances = shape.mode === 'cluster' ? 2 : 1
  const port = await lab.freePort()
  const pm2 = lab.pm2()
  await pm2.run(['ping'])
  const runFolder = join(lab.dir, 'run')
  await ensureRunFolder(runFolder)
  const releases = join(lab.dir, 'releases')
  const runner = new ExecaRunner()
  const program = () => {
    const env = { ...pm2.env, ...lab.env }
    return new Pm2Program({ program: pm2.bin, project: lab.dir, home: pm2.home, env }, runner)
  }

  const writeApp = async (name: string, flaw?: FakeFlaw) => {
    const directory = join(releases, name, 'app')
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'index.mjs'), appSource(name, port, flaw))
    return directory
  }
  const units = async () => (await pm2.list()).map(({ name }) => name)

  return {
    shape,
    instances,
    wakes: true,
    comesBack: false,
    open: () =>
      createPm2Runtime(
        {
          program: program(),
          app: 'store',
          trial: false,
          runFolder,
          releases,
          installAgent: () => ensureAgent(AGENT, lab.dir),
          clock: systemClock,
          crash: () => {},
          adopted: null,
        },
        { ...shape, instances, portVariable: 'PORT', fallbackPort: port },
      ),
    async launch(release, flaw) {
      const env = { PORT: String(port), PATH: process.env.PATH ?? '' }
      const launch = launchFor(await writeApp(release, flaw), { env })
      const runtime = { ...launch.runtime, ...shape, instances, port, script: 'index.mjs' }
      return { ...launch, runtime }
    },
    ask: () => ask({ host: '127.0.0.1', port }),
    askPrivately: ask,
    units,
    async startByHand() {
      const directory = await writeApp('by-hand')
      const args = ['start', 'index.mjs', '--name', 'store', '-i', '1']
      await pm2.run(args, { cwd: directory, env: { PORT: String(port) } })
      await waitUntil(() => ask({ host: '127.0.0.1', port }), { what: 'the app started by hand' })
    },
    takePort: () => takePort(port),
    async setUpReboot() {
      await pm2.run(['save', '--force'])
    },
    async savedUnits() {
      await pm2.run(['kill'])
      await pm2.run(['resurrect'])
      return units()
    },
    bringDown: () => pm2.kill(),
    async reset() {
      await pm2.run(['delete', 'all'])
      await rm(join(pm2.home, 'dump.pm2'), { force: true })
      for (const folder of [runFolder, releases]) await rm(folder, { recursive: true, force: true })
      await ensureRunFolder(runFolder)
    },
    [Symbol.asyncDispose]: () => lab.close(),
  }
}

/** `cannot-listen`: only on the port of the service; the copy that is tried in private has another. */
export function appSource(name: string, port: number, flaw: FakeFlaw | undefined): string {
  return `import { createServer } from 'node:http'
if (${flaw === 'crash-on-boot'}) throw new Error('a file is missing')
const port = Number(process.env.PORT)
const server = createServer((request, response) => response.end(${JSON.stringify(name)}))
if (${flaw === 'never-ready'}) setInterval(() => {}, 1000)
else if (${flaw === 'cannot-listen'} && port === ${port}) server.listen(port, '192.0.2.1')
else server.listen(port, process.env.HOST ?? '127.0.0.1')
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close(() => process.exit(0)))
`
}

export function ask(address: PrivateAddress): Promise<string | null> {
  return new Promise((resolve) => {
    const sent = request({ ...address, path: '/', agent: false, timeout: 20_000 }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      // A router that has nobody to send it to says so with a status.
      response.on('end', () => resolve(response.statusCode === 200 ? text : null))
    })
    sent.on('error', () => resolve(null))
    sent.on('timeout', () => sent.destroy())
    sent.end()
  })
}

export function takePort(port: number): Promise<() => Promise<void>> {
  return new Promise((resolve, reject) => {
    const stranger = createServer((socket) => socket.destroy())
    stranger.once('error', reject)
    stranger.listen(port, '127.0.0.1', () => {
      resolve(() => new Promise((done) => stranger.close(() => done())))
    })
  })
}
