import { homedir, hostname, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { ExecaRunner } from './command-runner/execa-runner.ts'
import { findRunbook } from './commands/find-runbook.ts'
import type { CommandInput, GlobalOptions, Session } from './commands/session.ts'
import { resolveConfiguration } from './config/resolve-configuration.ts'
import { maskSecrets } from './domain/mask.ts'
import { findOnCall } from './incident/find-on-call.ts'
import { openJournalMemory } from './journal/journal-memory.ts'
import { openSqliteJournal } from './journal/sqlite-journal.ts'
import type { Journal, Leases } from './ports/journal.ts'
import { httpProber } from './prober/http-prober.ts'
import type { Screen } from './render/screen.ts'
import { adoptFolder } from './source/adopt-folder.ts'
import { createGitSource } from './source/git-source.ts'
import { createFileReleaseStore } from './store/file-release-store.ts'
import { fileWatchMemory } from './store/file-watch-memory.ts'
import { crashFromEnvironment } from './system/crash-from-environment.ts'
import { systemClock } from './system/system-clock.ts'
import { version } from './version.ts'
import type { RuntimeParts, WiredRuntime } from './wire-runtime.ts'
import type { World } from './world.ts'

const execaRunner = new ExecaRunner()

/** The composition root: the only file that knows both ports and adapters. */
export function wire(
  world: World,
  global: GlobalOptions,
  screen: Screen,
): Pick<CommandInput, 'open' | 'openJournal' | 'runner' | 'issueTracker'> & { look(): Promise<Session> } {
  const openJournal = (options: { readOnly: boolean; unchecked?: boolean; home?: string }) => {
    const { home } = global
    return openSqliteJournal({ home, clock: systemClock, version, runbook: findRunbook(home), ...options })
  }
  const openWith = async (journal: Journal & Leases, fresh: boolean) => {
    try {
      return await openSession(world, global, screen, journal, fresh)
    } catch (error) {
      await journal.close()
      throw error
    }
  }
  return {
    runner: execaRunner,
    issueTracker: async (settings) =>
      (await import('./issues/github-issues.ts')).createGithubIssues(settings),
    openJournal: async () => openJournal({ readOnly: true, unchecked: true }),
    open: async ({ write, fresh = false }) => openWith(openJournal({ readOnly: !write }), fresh),
    /** For the last line of a command that could open nothing: the instances can be asked without the journal. */
    async look() {
      try {
        return await openWith(openJournal({ readOnly: true }), false)
      } catch {
        // A folder that has no journal reads as an empty one.
        return openWith(openJournal({ readOnly: true, home: join(global.home, 'services') }), true)
      }
    },
  }
}

async function openSession(
  world: World,
  global: GlobalOptions,
  screen: Screen,
  opened: Journal & Leases,
  fresh: boolean,
): Promise<Session> {
  const { home } = global
  const store = createFileReleaseStore({ home })
  const memory = openJournalMemory(opened)
  const resolved = await resolveConfiguration(global.config, world.env, memory, store, fresh)
  const { configuration, secrets } = resolved
  screen.hideSecrets(secrets)
  const journal = maskingJournal(opened, secrets)
  const { service } = configuration
  const state = await memory.state(service)

  const clock = systemClock
  const crash = crashFromEnvironment(world.env)
  const parts = { configuration, home, env: world.env, runner: execaRunner, clock, crash, state }
  const { runtime, rehearsalRuntime, packager, ...wired } = await wireRuntime(parts)

  const settings = configuration.database
  const database =
    settings === null
      ? null
      : (await import('./wire-database.ts')).wireDatabase({
          service,
          database: settings,
          migrationsFolder: configuration.migrations,
          home,
          env: world.env,
          runner: execaRunner,
          clock,
          crash,
        })
  const cache =
    configuration.cache === null
      ? null
      : (await import('./cache/create-cache-purger.ts')).createCachePurger(configuration.cache, execaRunner)
  const sourceParts = { runner: execaRunner, writer: store, caller: world.env, packager }
  const source = createGitSource(sourceParts)
  const actor = `${userInfo().username}@${hostname()}`
  const { configurationText, configPath } = resolved
  const say = (lines: string[]) => {
    screen.lines(lines)
    return !global.json
  }
  const serviceFolder = join(home, 'services', service)
  const incidentsFolder = configuration.incident.folder ?? join(serviceFolder, 'incidents')
  const notifyParts = {
    ...{ configuration, journal, clock, crash, actor, say, incidentsFolder },
    runner: execaRunner,
    env: world.env,
  }
  const notify = once(async () => {
    const wiring = await import('./wire-notify.ts')
    const ports = wiring.wireNotify(notifyParts)
    return { ports, outbox: wiring.createOutbox(notifyParts, ports) }
  })
  return {
    service,
    configuration,
    configurationText,
    configPath,
    configProblem: resolved.problem,
    journal,
    store,
    source,
    runtime,
    database,
    rehearsalRuntime,
    prober: httpProber,
    watch: async () =>
      (await import('./wire-watch.ts')).wireWatch({
        configuration,
        runFolder: wired.agents,
        runner: execaRunner,
        env: world.env,
        clock,
      }),
    watchMemory: fileWatchMemory(join(serviceFolder, 'watch.json')),
    clock,
    crash,
    actor,
    runtimeSetup: wired.setup,
    runbookPath: join(serviceFolder, 'runbook.md'),
    incidentsFolder,
    async state() {
      const current = await memory.state(service)
      // This very command may have adopted it.
      wired.follow(current)
      return current
    },
    incidents: () => memory.incidents(service),
    onCall: () => findOnCall(configuration.contacts, clock.now(), execaRunner, world.env),
    cache,
    stepPorts: (current) => ({
      runtime,
      store,
      source,
      prober: httpProber,
      database,
      rehearsalRuntime,
      cache,
      crash,
      clock,
      actor,
      state: current,
      configuration,
      configurationText,
      configPath,
      secrets,
    }),
    notify: async () => (await notify()).ports,
    outbox: async () => (await notify()).outbox,
    adopt: (request) => adoptFolder(sourceParts, { configuration, configurationText, secrets, ...request }),
    close: () => journal.close(),
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}

/** Only the adapter of the configured runtime is loaded. */
async function wireRuntime(parts: RuntimeParts): Promise<WiredRuntime> {
  const { kind } = parts.configuration.runtime
  if (kind === 'pm2') return (await import('./wire-pm2.ts')).wirePm2(parts)
  return (await import('./wire-docker.ts')).wireDocker(parts)
}

/** No secret reaches the journal, whoever writes. */
function maskingJournal(journal: Journal & Leases, secrets: readonly string[]): Journal & Leases {
  return {
    append: (events, fence) => journal.append(maskSecrets(events, secrets), fence),
    read: (filter) => journal.read(filter),
    each: (filter, visit) => journal.each(filter, visit),
    position: (service) => journal.position(service),
    verify: () => journal.verify(),
    close: () => journal.close(),
    acquire: (...request) => journal.acquire(...request),
    renew: (...request) => journal.renew(...request),
    release: (lease) => journal.release(lease),
    current: (service) => journal.current(service),
  }
}

export function defaultHome(world: World): string {
  return resolve(world.cwd, world.env.LASTGOOD_HOME ?? join(world.env.HOME ?? homedir(), '.lastgood'))
}
