import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureAgent } from './agent-client/install-agent.ts'
import { runFolderPath, sharedFolder } from './agent-client/run-folder.ts'
import { pullImage } from './docker/build-image.ts'
import type { Container } from './docker/containers.ts'
import { dockerEnvironment } from './docker/docker-environment.ts'
import { Engine, engineAddress } from './docker/engine.ts'
import { openHaproxy } from './docker/haproxy.ts'
import type { RouterConfiguration } from './domain/configuration.ts'
import { shellWord } from './domain/shell-word.ts'
import { OperatorError } from './errors/operator-error.ts'
import type { Clock } from './ports/clock.ts'
import { composeFunction } from './runtimes/compose/by-hand.ts'
import { projectName } from './runtimes/compose/commands.ts'
import { createComposePackager } from './runtimes/compose/compose-packager.ts'
import { ComposeProgram } from './runtimes/compose/compose-program.ts'
import { type ComposeExpectations, createComposeRuntime } from './runtimes/compose/compose-runtime.ts'
import { composeLaunch, describeService } from './runtimes/compose/describe-service.ts'
import { ownContainers } from './runtimes/compose/observe.ts'
import { createCaddyRouter } from './runtimes/compose/routers/caddy.ts'
import { createHaproxyRouter } from './runtimes/compose/routers/haproxy.ts'
import { createLabelsRouter } from './runtimes/compose/routers/labels.ts'
import type { Router } from './runtimes/compose/routers/router.ts'
import { createSwarmPackager } from './runtimes/swarm/swarm-packager.ts'
import { createSwarmRuntime } from './runtimes/swarm/swarm-runtime.ts'
import { adoptedUnit, type RuntimeParts, type WiredRuntime } from './wire-runtime.ts'

/** What HAProxy is told of a swarm it finds out by itself a second later: nobody waits for that for longer. */
const HINT_TIMEOUT_MS = 500

/** Docker's part of the composition root. */
export function wireDocker(parts: RuntimeParts): WiredRuntime {
  return parts.configuration.runtime.kind === 'swarm' ? wireSwarm(parts) : wireCompose(parts)
}

function wireSwarm({ configuration, home, env, runner, clock, crash, state }: RuntimeParts): WiredRuntime {
  const { service, runtime: settings } = configuration
  if (settings.kind !== 'swarm')
    throw new OperatorError('INTERNAL', { detail: 'not a configuration for a swarm' })
  const caller = onlySet(env)
  const engine = new Engine(engineAddress(settings.socket, caller))
  const docker = { engine, runner, env: dockerEnvironment(caller, engine.address) }
  const logFolder = join(home, 'services', service, 'logs')
  const { service: name, instances, port } = settings
  const router = settings.router === null ? null : openHaproxy(settings.router.haproxy, HINT_TIMEOUT_MS)
  const context = {
    engine,
    service,
    home,
    name,
    logFolder,
    clock,
    crash,
    router,
    adopted: adoptedUnit(state),
  }
  const rehearsal = {
    ...context,
    service: `${service}+rehearsal`,
    name: `${name}-rehearsal`,
    router: null,
    adopted: null,
  }
  const expected = { instances, port, pull: (name: string) => pullImage(docker, name) }
  return {
    runtime: createSwarmRuntime(context, expected),
    rehearsalRuntime: createSwarmRuntime(rehearsal, expected),
    packager: createSwarmPackager(context, docker),
    // No task of a swarm has an agent that could be asked from here.
    agents: runFolderPath(home, service),
    setup: async () => [`export DOCKER_HOST=${shellWord(engine.address)}`],
    follow(current) {
      context.adopted = adoptedUnit(current)
    },
  }
}

function wireCompose(parts: RuntimeParts): WiredRuntime {
  const { configuration, home, runner, clock, crash, state } = parts
  const { service, runtime: settings, source } = configuration
  if (settings.kind !== 'compose')
    throw new OperatorError('INTERNAL', { detail: 'not a configuration for Compose' })
  const caller = onlySet(parts.env)
  const engine = new Engine(engineAddress(settings.socket, caller))
  const program = new ComposeProgram(
    { program: settings.program, engine: engine.address, env: caller },
    runner,
  )
  const docker = { engine, runner, env: program.environment() }
  const project = settings.project ?? caller.COMPOSE_PROJECT_NAME ?? projectName(basename(source.repository))
  const context = {
    engine,
    program,
    service,
    home,
    project,
    composeService: settings.service,
    router: routerOf(settings.router, engine, clock, () => ownContainers({ engine, service, home })),
    runFolder: runFolderPath(home, service),
    logFolder: join(home, 'services', service, 'logs'),
    containerFolder: join(home, 'services', service, 'containers'),
    installAgent: () => ensureAgent(fileURLToPath(new URL('./agent', import.meta.url)), home),
    clock,
    crash,
    adopted: adoptedUnit(state),
  }
  const rehearsal = {
    ...context,
    service: `${service}+rehearsal`,
    project: `${project}-rehearsal`,
    router: null,
    runFolder: runFolderPath(home, `${service}+rehearsal`),
    adopted: null,
  }
  const expected: ComposeExpectations = {
    agent: settings.agent,
    instances: settings.instances,
    async describe(image) {
      const folder = source.repository
      const env = { ...caller, ...configuration.env }
      const place = { settings, project, folder, projectFolder: folder, env }
      return composeLaunch(place, await describeService(program, place), image)
    },
    pull: (name) => pullImage(docker, name),
  }
  return {
    runtime: createComposeRuntime(context, expected),
    rehearsalRuntime: createComposeRuntime(rehearsal, expected),
    agents: sharedFolder(context.runFolder),
    packager: createComposePackager({ ...docker, program, project, home, caller }),
    setup: async () => [
      `export DOCKER_HOST=${shellWord(engine.address)}`,
      composeFunction(await program.locate()),
    ],
    follow(current) {
      context.adopted = adoptedUnit(current)
    },
  }
}

function routerOf(
  router: RouterConfiguration | null,
  engine: Engine,
  clock: Clock,
  own: () => Promise<Container[]>,
): Router | null {
  if (router?.haproxy) return createHaproxyRouter(router.haproxy, clock)
  if (router?.caddy) return createCaddyRouter(router.caddy, own, clock)
  if (router?.labels) return createLabelsRouter(engine, router.labels, clock)
  return null
}

function onlySet(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
