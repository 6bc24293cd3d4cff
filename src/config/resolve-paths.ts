import { isAbsolute, join, resolve } from 'node:path'
import type {
  Configuration,
  HaproxyPlace,
  RouterConfiguration,
  RuntimeConfiguration,
} from '../domain/configuration.ts'

/** Makes the paths that do not belong to a release absolute: they are relative to the file that names them. */
export function resolvePaths(configuration: Configuration, folder: string, home: string): Configuration {
  const { source, runtime, database, watch, incident, notify, statusPage } = configuration
  const from = (path: string) => (/^~(\/|$)/.test(path) ? join(home, path.slice(1)) : resolve(folder, path))
  const repository = from(source.repository)
  return {
    ...configuration,
    source: { repository },
    notify: {
      ...notify,
      templates: notify.templates === null ? null : join(repository, notify.templates),
      sinks: notify.sinks.map((sink) => (sink.kind === 'file' ? { ...sink, path: from(sink.path) } : sink)),
    },
    statusPage: statusPage === null ? null : { ...statusPage, folder: from(statusPage.folder) },
    runtime: resolveRuntime(runtime, from),
    database:
      database === null || database.checkpoints.folder === null
        ? database
        : {
            ...database,
            checkpoints: { ...database.checkpoints, folder: from(database.checkpoints.folder) },
          },
    incident: incident.folder === null ? incident : { ...incident, folder: from(incident.folder) },
    watch:
      watch.security.advisories === null
        ? watch
        : { ...watch, security: { ...watch.security, advisories: from(watch.security.advisories) } },
  }
}

function resolveRuntime(runtime: RuntimeConfiguration, from: (path: string) => string): RuntimeConfiguration {
  const maybe = (path: string | null) => (path === null ? null : from(path))
  if (runtime.kind === 'swarm') {
    const { router } = runtime
    return {
      ...runtime,
      socket: maybe(runtime.socket),
      router: router === null ? null : { haproxy: resolveHaproxy(router.haproxy, from) },
    }
  }
  // A bare word is looked for on PATH, as a shell would.
  const program =
    runtime.program === null || !isPath(runtime.program) ? runtime.program : from(runtime.program)
  if (runtime.kind === 'pm2') return { ...runtime, program, home: maybe(runtime.home) }
  const { router } = runtime
  return {
    ...runtime,
    program,
    socket: maybe(runtime.socket),
    router: router === null ? null : resolveRouter(router, from),
  }
}

function resolveRouter(router: RouterConfiguration, from: (path: string) => string): RouterConfiguration {
  const { haproxy, caddy } = router
  return {
    ...router,
    haproxy: haproxy === null ? null : resolveHaproxy(haproxy, from),
    caddy: caddy === null ? null : { ...caddy, live: from(caddy.live) },
  }
}

function resolveHaproxy(haproxy: HaproxyPlace, from: (path: string) => string): HaproxyPlace {
  return /^[^/]+:\d+$/.test(haproxy.socket) ? haproxy : { ...haproxy, socket: from(haproxy.socket) }
}

function isPath(program: string): boolean {
  return isAbsolute(program) || program.includes('/') || program.startsWith('~')
}
