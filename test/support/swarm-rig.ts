import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { importImages } from '../../lab/docker/base-image.ts'
import type { DockerPrograms } from '../../lab/docker/find-docker.ts'
import { startEngine } from '../../lab/docker/start-engine.ts'
import { initSwarm, NETWORK, startSwarmProxy } from '../../lab/docker/swarm-service.ts'
import { openLab } from '../../lab/open-lab.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import { ExecaRunner } from '../../src/command-runner/execa-runner.ts'
import { pullImage } from '../../src/docker/build-image.ts'
import { Engine } from '../../src/docker/engine.ts'
import { inspectImage } from '../../src/docker/images.ts'
import type { JsonValue, LaunchRecord, SwarmLaunch } from '../../src/ports/release-store.ts'
import { releaseOfSpec, replicasOf } from '../../src/runtimes/swarm/commands.ts'
import { createService, findService, listProbes, updateService } from '../../src/runtimes/swarm/swarm-api.ts'
import { createSwarmRuntime } from '../../src/runtimes/swarm/swarm-runtime.ts'
import { systemClock } from '../../src/system/system-clock.ts'
import type { FakeFlaw } from './fake-host.ts'
import { appSource, ask, type RuntimeRig } from './runtime-rig.ts'
import { launchFor } from './temporary-project.ts'

const PORT = 3_000
const INSTANCES = 2

/** A swarm of one node, and its service behind an HAProxy. */
export async function openSwarmRig(programs: DockerPrograms): Promise<RuntimeRig> {
  const lab = await openLab({ name: 'contract-swarm' })
  const engine = await startEngine(lab, programs)
  await importImages(engine, join(lab.dir, 'images'))
  const api = new Engine(engine.address)
  const image = (await inspectImage(api, 'node:20-bookworm-slim'))?.id ?? ''
  const port = await lab.freePort()
  const releases = join(lab.dir, 'releases')
  const home = join(lab.dir, 'home')
  await initSwarm(engine)
  const network = await engine.docker('network', 'inspect', '--format', '{{.Id}}', NETWORK)
  await startSwarmProxy(engine, join(lab.dir, 'router'), { name: 'store', port })

  const runner = new ExecaRunner()
  const context = {
    engine: api,
    service: 'store',
    home,
    name: 'store',
    logFolder: join(home, 'logs'),
    clock: systemClock,
    crash: () => {},
    router: null,
    adopted: null,
  }
  const writeApp = async (name: string, flaw?: FakeFlaw) => {
    const directory = join(releases, name, 'app')
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'index.mjs'), appSource(name, PORT, flaw))
    return directory
  }
  const specOf = (directory: string): Record<string, JsonValue> => ({
    Name: 'store',
    TaskTemplate: {
      ContainerSpec: {
        Command: ['node', '/srv/app/index.mjs'],
        Mounts: [{ Type: 'bind', Source: directory, Target: '/srv/app', ReadOnly: true }],
      },
      RestartPolicy: { Condition: 'any', Delay: 200_000_000 },
      Networks: [{ Target: network }],
    },
    Mode: { Replicated: { Replicas: INSTANCES } },
    UpdateConfig: { Parallelism: 1, FailureAction: 'pause', Monitor: 500_000_000, Order: 'start-first' },
    EndpointSpec: { Mode: 'dnsrr' },
  })
  const byHand = async (replicas: number) => {
    const spec = specOf(await writeApp('by-hand'))
    const template = spec.TaskTemplate as { ContainerSpec: Record<string, JsonValue> }
    Object.assign(template.ContainerSpec, { Image: image, Env: [`PORT=${PORT}`, 'HOST=0.0.0.0'] })
    return { ...spec, Mode: { Replicated: { Replicas: replicas } } }
  }
  const units = async () => {
    const service = await findService(context, 'store')
    const release = service === null ? null : releaseOfSpec(service.spec)
    const runs = service !== null && (replicasOf(service.spec) ?? 0) > 0
    const probes = (await listProbes(context)).map(({ name }) => name)
    return [...(runs ? [release === null ? 'store' : `store-${release}`] : []), ...probes]
  }
  const setTo = async (replicas: number) => {
    const service = await findService(context, 'store')
    const spec = await byHand(replicas)
    if (service === null) await createService(context, spec)
    else await updateService(context, service, spec)
  }
  await setTo(0)
  const docker = { engine: api, runner, env: engine.env }

  return {
    shape: { mode: 'cluster', agent: false },
    instances: INSTANCES,
    wakes: false,
    comesBack: true,
    open: () =>
      createSwarmRuntime(context, {
        instances: INSTANCES,
        port: PORT,
        pull: (name) => pullImage(docker, name),
      }),
    async launch(release, flaw): Promise<LaunchRecord> {
      const directory = await writeApp(release, flaw)
      const runtime: SwarmLaunch = {
        kind: 'swarm',
        service: 'store',
        image: { id: image, pull: null, platform: 'linux/amd64' },
        spec: specOf(directory),
        instances: INSTANCES,
        port: PORT,
        agent: false,
      }
      return { ...launchFor(directory), env: { PORT: String(PORT), HOST: '0.0.0.0' }, runtime }
    },
    ask: () => ask({ host: '127.0.0.1', port }),
    askPrivately: ask,
    units,
    async startByHand() {
      await setTo(1)
      await waitUntil(() => ask({ host: '127.0.0.1', port }), { what: 'the task by hand', timeoutMs: 30_000 })
    },
    takePort: null,
    setUpReboot: async () => {},
    async savedUnits() {
      await engine.stop()
      await engine.start()
      await waitUntil(() => ask({ host: '127.0.0.1', port }), {
        what: 'the tasks to come back',
        timeoutMs: 60_000,
      })
      return units()
    },
    bringDown: () => engine.stop(),
    async reset() {
      await engine.start()
      await waitUntil(() => findService(context, 'store').then(() => true), {
        what: 'the manager',
        timeoutMs: 30_000,
      })
      for (const probe of await listProbes(context)) await engine.docker('service', 'rm', probe.name)
      await setTo(0)
      await waitUntil(
        async () => (await engine.docker('ps', '-q', '--filter', 'label=com.docker.swarm.task')) === '',
        {
          what: 'the last tasks to end',
          timeoutMs: 30_000,
        },
      )
      await rm(releases, { recursive: true, force: true })
    },
    [Symbol.asyncDispose]: () => lab.close(),
  }
}
