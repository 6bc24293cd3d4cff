import type { Configuration } from '../domain/configuration.ts'
import type { ReleaseSchema } from '../domain/migration.ts'
import type { ReleaseId } from '../domain/release.ts'

/**
 * How a release is started, complete: nothing outside it is read when it is started again. Kept 0600, because `env`
 * holds the secrets the service runs with.
 */
export interface LaunchRecord<Settings extends RuntimeSettings = RuntimeSettings> {
  service: string
  /** Folder with the artifact. */
  directory: string
  env: Record<string, string>
  /** Values of it, and of the configuration, that no output may show. */
  secrets: string[]
  /** Settings of one runtime, as its adapter understands them. */
  runtime: Settings
  /** Health and smoke checks as configured when it was built. */
  configuration: Configuration
}

/** How one runtime starts it. The centre knows what is common; the rest is its adapter's. */
export type RuntimeSettings = Pm2Launch | ComposeLaunch | SwarmLaunch

interface CommonLaunch {
  instances: number
  /** Port the service listens on; in a container: inside of it. */
  port: number
  agent: boolean
}

/** PM2's own option names, as the adapter writes them into a process file. */
export interface Pm2Launch extends CommonLaunch {
  kind: 'pm2'
  app: string
  script: string
  args: string[]
  nodeArgs: string[]
  mode: 'cluster' | 'fork'
  /** Variable that tells the app its port; the probe copy gets another value in it. */
  portVariable: string
  /** Anything else of the ecosystem file (max_memory_restart, kill_timeout, ...), passed on as it is. */
  options: Record<string, string | number | boolean>
}

/** One service of a Compose project, as Compose itself resolved it when the release was made. */
export interface ComposeLaunch extends CommonLaunch {
  kind: 'compose'
  /** Compose's name of the project that the service belongs to. */
  project: string
  service: string
  image: ImageReference
  /** The service without image, environment and labels. */
  definition: Record<string, JsonValue>
  /** What the definition refers to, by the names it uses there, as it is called in the engine. */
  networks: Record<string, string>
  volumes: Record<string, string>
  /** Top-level `secrets` and `configs`, as they were resolved. */
  files: Record<'secrets' | 'configs', Record<string, JsonValue>>
}

/** A service of a swarm, with everything the engine knows of it. */
export interface SwarmLaunch extends CommonLaunch {
  kind: 'swarm'
  /** Its full name: `shop_app`. */
  service: string
  image: ImageReference
  /** The engine's own ServiceSpec, without image and environment: update policy, secrets, configs, resources, networks. */
  spec: Record<string, JsonValue>
}

/** An image by what is in it. A tag is never part of it: tags move. */
export interface ImageReference {
  /** Of its configuration: what this engine keeps it under. `sha256:...` */
  id: string
  /** `registry/name@sha256:...`, where it can be pulled from; null: it is on this host only. */
  pull: string | null
  /** `linux/amd64` */
  platform: string
}

export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue }

export type Integrity = { ok: true; files: number } | { ok: false; problems: string[] }

/** Where artifacts are kept: one folder a release, immutable once sealed. */
export interface ReleaseStore {
  /** Seconds-fast look: the record, the entry script and every file outside node_modules are there, sizes right. */
  check(service: string, release: ReleaseId): Promise<Integrity>
  /** Every file, by content. */
  checkDeep(service: string, release: ReleaseId): Promise<Integrity>
  /** @throws OperatorError RELEASE_FILES_GONE */
  launchRecord(service: string, release: ReleaseId): Promise<LaunchRecord>
  /** `lastgood.yaml` as it was when it was built. @throws OperatorError RELEASE_FILES_GONE */
  configurationText(service: string, release: ReleaseId): Promise<string>
  /** The migrations of the release, as its files said when it was built; null: nobody looked then. */
  schema(service: string, release: ReleaseId): Promise<ReleaseSchema | null>
  keepSchema(service: string, release: ReleaseId, schema: ReleaseSchema): Promise<void>
  exists(service: string, release: ReleaseId): Promise<boolean>
  remove(service: string, release: ReleaseId): Promise<void>
  /** Folders on disk, also those no event tells of (an interrupted build). */
  list(service: string): Promise<ReleaseId[]>
}
