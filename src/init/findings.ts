/** What a look at a project's folder told. Names and paths only: no value of a variable but the port. */
export interface Findings {
  /** `name` of package.json. */
  name: string | null
  version: string | null
  /** Relative path of the repository's root (`.`, `..`); null when the folder is in none. */
  repository: string | null
  lockfile: Lockfile | null
  /** package.json has a script `build`. */
  builds: boolean
  /** Entry script, from `start`, else from `main`. */
  script: string | null
  app: FoundApp | null
  /** Names of further PM2 apps in the same file. */
  otherApps: string[]
  /** An ecosystem file is there and could not be read: which, and why. */
  unreadable: { file: string; why: string } | null
  compose: FoundCompose | null
  dockerfile: FoundDockerfile | null
  port: { number: number; from: string } | null
  /** Where DATABASE_URL was seen; never what it is. `source`: the service asks for it, and nobody has set it. */
  databaseUrl: 'environment' | '.env' | 'source' | null
  migrations: FoundMigrations
  health: { live: string | null; database: string | null; ready: string | null }
  /** Paths that a GET without credentials is likely to answer. */
  smoke: string[]
  /** Whoever sets it up, as git knows them; `short` is what the file calls them. */
  person: { short: string; name: string; email: string; account: string } | null
  /** Of this machine. */
  timeZone: string
  /** The JSON Schema, where the project has lastgood among its packages. */
  schema: string | null
}

export type Lockfile = 'package-lock.json' | 'npm-shrinkwrap.json' | 'pnpm-lock.yaml' | 'yarn.lock'

export interface FoundApp {
  /** Ecosystem file; null when it stands in package.json, where nobody but PM2 looks. */
  file: string | null
  name: string
  script: string | null
  mode: 'cluster' | 'fork'
  instances: number | null
  port: number | null
}

export interface FoundMigrations {
  /** `node-pg-migrate`, `knex`, ...; null when none is among the packages. */
  tool: string | null
  folder: string | null
}

export interface FoundDockerfile {
  /** It installs the packages itself; else it takes what the build has left in the folder. */
  installs: boolean
}

export interface FoundCompose {
  file: string
  service: string
  kind: 'compose' | 'swarm'
  /** A service of the same file that may bring its requests. */
  router: 'haproxy' | 'caddy' | 'traefik' | null
}
