import type { CacheConfiguration } from './cache-configuration.ts'
import type { ContactsConfiguration } from './contacts/contacts.ts'
import type { HttpCheck } from './http-check.ts'
import type { IncidentConfiguration } from './incident-configuration.ts'
import type { NotifyConfiguration } from './notify/notify-configuration.ts'
import type { StatusPageConfiguration } from './notify/status-page-configuration.ts'
import type { WatchConfiguration } from './watch-configuration.ts'

/** `lastgood.yaml`, checked, with every default filled in and every `${NAME}` replaced. Times in ms. */
export interface Configuration {
  service: string
  /** Where the service answers, as its users reach it from this host. */
  url: string
  source: { repository: string }
  /** Commands, in order, each as its words. */
  build: string[][]
  runtime: RuntimeConfiguration
  env: Record<string, string>
  health: { live: string | null; database: string | null; ready: string | null }
  smoke: HttpCheck[]
  verify: { windowMs: number; everyMs: number; timeoutMs: number }
  bakeMs: number
  standby: 'warm' | 'none'
  drainTimeoutMs: number
  startTimeoutMs: number
  /** How many proven releases retention never touches. */
  keep: number
  /** Folder with one file per migration, relative to the repository; null: not looked at. */
  migrations: string | null
  /** Null: lastgood leaves the database alone. */
  database: DatabaseConfiguration | null
  watch: WatchConfiguration
  notify: NotifyConfiguration
  /** Null: there is none. */
  statusPage: StatusPageConfiguration | null
  incident: IncidentConfiguration
  contacts: ContactsConfiguration
  /** Null: nothing caches what the service answers. */
  cache: CacheConfiguration | null
}

export interface DatabaseConfiguration {
  /** As the service connects; a secret. */
  url: string
  /** Of a role that may create, rename and drop databases; a secret. Null: the service's own role does it. */
  adminUrl: string | null
  /** The admin console of the PgBouncer in front of it. */
  pgbouncer: { adminUrl: string } | null
  migrations: {
    /** Null: found out from the release. */
    tool: MigrationTool | null
    /** Relative to the repository; null: the tool's own default. */
    folder: string | null
    /** Where the tool keeps what it has applied; null: the tool's own default. */
    table: string | null
    /** For the tool `commands`. */
    commands: { up: string[]; down: string[]; status: string[] | null } | null
  }
  checkpoints: {
    /** Null: in the service's own folder of the home. */
    folder: string | null
    keep: number
    maxAgeMs: number
    maxBytes: number | null
    /** Processes that dump and restore side by side. */
    jobs: number
    beforeDeploy: boolean
    /** At least one in this time; null: only before deploys, and when somebody asks. */
    everyMs: number | null
    /** For how long connections may wait for a template, which then takes the place of a dump; null: not at all. */
    templatePauseMs: number | null
  }
  /** How long a database that was replaced is kept. */
  keepDamagedMs: number
}

export type MigrationTool =
  | 'node-pg-migrate'
  | 'knex'
  | 'kysely'
  | 'umzug'
  | 'typeorm'
  | 'drizzle'
  | 'prisma'
  | 'dbmate'
  | 'sql'
  | 'commands'

export type RuntimeConfiguration = Pm2Configuration | ComposeConfiguration | SwarmConfiguration

export interface Pm2Configuration {
  kind: 'pm2'
  /** PM2 app name, as in the ecosystem file. */
  app: string
  /** Read from the release's own checkout when it is built; what is set here wins over it. */
  ecosystem: string | null
  script: string | null
  args: string[] | null
  nodeArgs: string[] | null
  mode: 'cluster' | 'fork' | null
  instances: number | null
  port: number | null
  portVariable: string
  agent: boolean
  /** Program to run; null: looked for in the project's node_modules, then on PATH. */
  program: string | null
  /** PM2_HOME; null: from the environment, else ~/.pm2. */
  home: string | null
}

export interface ComposeConfiguration {
  kind: 'compose'
  /** As it is called in the Compose file. */
  service: string
  /** Compose's name of the project; null: as Compose names it, after the folder. */
  project: string | null
  /** Compose files, relative to the repository; null: those that Compose finds. */
  files: string[] | null
  /** Null: as the Compose file says. */
  instances: number | null
  /** Inside of the container; null: as the Compose file says. */
  port: number | null
  agent: boolean
  /** Unix socket of the engine; null: DOCKER_HOST, else /var/run/docker.sock. */
  socket: string | null
  /** Null: `docker compose`, else docker-compose. */
  program: string | null
  /** `registry.example.org/team/store`: where images are pushed to and pulled from; null: they stay on this host. */
  registry: string | null
  /** Null: nothing routes, the service has the host's port itself. */
  router: RouterConfiguration | null
}

export interface SwarmConfiguration {
  kind: 'swarm'
  /** Full name of the service, as `docker service ls` has it. */
  service: string
  /** Null: as many as the service has. */
  instances: number | null
  /** Inside of the container. */
  port: number
  /** Of a manager, on this host; null: DOCKER_HOST, else /var/run/docker.sock. */
  socket: string | null
  /** The tasks may be on other nodes, where no agent of theirs can be asked. */
  agent: false
  /** Where the nodes pull images from; null: there is one node, and they stay on it. */
  registry: string | null
  /** Null: what brings requests to the tasks sees by itself which of them leave. */
  router: { haproxy: HaproxyPlace } | null
}

export interface HaproxyPlace {
  /** Of the runtime API: a path, or host:port. */
  socket: string
  backend: string
}

/** What brings requests to the containers: exactly one of them. */
export interface RouterConfiguration {
  haproxy: HaproxyPlace | null
  caddy: {
    /** Of the admin API. */
    admin: string
    /** `@id` of the reverse_proxy handler. */
    id: string
    /** Folder with a file that is called as the containers are that get the requests. */
    live: string
  } | null
  /** One that watches the engine; `settleMs`: how long it takes to notice. */
  labels: { settleMs: number } | null
}
