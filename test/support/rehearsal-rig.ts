import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import type { Postgres } from '../../lab/postgres/start-postgres.ts'
import { ensureAgent } from '../../src/agent-client/install-agent.ts'
import { ensureRunFolder } from '../../src/agent-client/run-folder.ts'
import { ExecaRunner } from '../../src/command-runner/execa-runner.ts'
import { createCheckpoints } from '../../src/database/checkpoints/file-checkpoints.ts'
import { createMigrations } from '../../src/database/migrations/migrations.ts'
import { createTrialDatabases } from '../../src/database/rehearsal/create-trial-databases.ts'
import type { TrialParts } from '../../src/database/rehearsal/parts.ts'
import type { HttpCheck } from '../../src/domain/http-check.ts'
import type { Proof } from '../../src/domain/proof.ts'
import type { ReleaseId } from '../../src/domain/release.ts'
import type { LaunchRecord } from '../../src/ports/release-store.ts'
import { httpProber } from '../../src/prober/http-prober.ts'
import type { RehearsalPorts } from '../../src/rehearse/rehearsal-ports.ts'
import { rehearse } from '../../src/rehearse/rehearse.ts'
import { Pm2Program } from '../../src/runtimes/pm2/pm2-program.ts'
import { createPm2Runtime } from '../../src/runtimes/pm2/pm2-runtime.ts'
import { systemClock } from '../../src/system/system-clock.ts'
import { configurationFor, launchFor } from './temporary-project.ts'

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url))
const AGENT = fileURLToPath(new URL('../../dist/agent', import.meta.url))
const DRIVERS = fileURLToPath(new URL('../../src/database/migrations/drivers', import.meta.url))

/** What a release is: its migrations, and what its smoke checks make it say to the database. */
export interface ReleaseFiles {
  /** File name -> SQL, beside those of the releases before. */
  migrations: Record<string, string>
  /** Each is one smoke check. */
  smoke: string[]
  /** Added to its environment; null takes one away. */
  env?: Record<string, string | null>
  /** Connects to this, whatever its environment says. */
  stubborn?: string
}

/** All that another process needs to open the same rehearsals. */
export interface RehearsalPlace {
  dir: string
  url: string
  adminUrl: string | null
  port: number
  pm2: { bin: string; home: string; env: Record<string, string> }
}

export function openRehearsals(
  place: RehearsalPlace,
  crash: (point: string) => void = () => {},
  changes: Partial<TrialParts> = {},
): RehearsalPorts & { checkpoints: ReturnType<typeof createCheckpoints> } {
  const { dir, url, adminUrl, pm2, port } = place
  const runner = new ExecaRunner()
  const shared = { service: 'shop', url, adminUrl, jobs: 2, env: process.env, runner, crash }
  const rule = { keep: 5, maxAgeMs: 1e12, maxBytes: null }
  const checkpoints = createCheckpoints({
    ...shared,
    folder: join(dir, 'checkpoints'),
    rule,
    pgbouncerUrl: null,
    clock: systemClock,
  })
  const runtime = createPm2Runtime(
    {
      program: new Pm2Program({ program: pm2.bin, project: dir, home: pm2.home, env: pm2.env }, runner),
      app: 'shop+rehearsal',
      trial: true,
      runFolder: join(dir, 'run'),
      releases: join(dir, 'releases'),
      installAgent: () => ensureAgent(AGENT, dir),
      clock: systemClock,
      crash,
      adopted: null,
    },
    { agent: true, mode: null, instances: null, portVariable: 'PORT', fallbackPort: port },
  )
  return {
    trials: createTrialDatabases({ ...shared, pooled: false, folderOf: checkpoints.folderOf, ...changes }),
    checkpoints,
    migrations: createMigrations({
      url,
      settings: { tool: 'sql', folder: null, table: null, commands: null },
      runner,
      drivers: DRIVERS,
      crash,
    }),
    store: {
      schema: async () => null,
      launchRecord: async (_service, release) =>
        (await import(join(dir, 'releases', release, 'launch.mjs'))).default,
    },
    runtime,
    prober: httpProber,
    clock: systemClock,
    crash,
  }
}

export interface RehearsalRig extends AsyncDisposable {
  lab: Lab
  postgres: Postgres
  place: RehearsalPlace
  /** Builds a release on top of the files of those before it. */
  release(id: ReleaseId, files: ReleaseFiles): Promise<void>
  checkpoint(): Promise<void>
  rehearse(release: ReleaseId, back: ReleaseId | null, changes?: Partial<TrialParts>): Promise<Proof>
  /** Databases of rehearsals, and instances of them: both must be none afterwards. */
  leftOvers(): Promise<string[]>
}

/** A shop with a database and a PM2 of its own; `schema` is what it begins with. */
export async function openRehearsalRig(schema: string): Promise<RehearsalRig> {
  const lab = await openLab({ name: 'rehearsal' })
  const postgres = await lab.postgres()
  const url = await postgres.createDatabase('shop')
  await postgres.query('shop', schema)
  const pm2 = lab.pm2()
  await pm2.run(['ping'])
  const env = { ...pm2.env, ...lab.env }
  const port = await lab.freePort()
  const place = { dir: lab.dir, url, adminUrl: null, port, pm2: { bin: pm2.bin, home: pm2.home, env } }
  await ensureRunFolder(join(lab.dir, 'run'))
  const migrations: Record<string, string> = {}
  return {
    lab,
    postgres,
    place,
    async release(id, files) {
      Object.assign(migrations, files.migrations)
      await writeRelease(place, id, { ...files, migrations })
    },
    async checkpoint() {
      const { checkpoints } = openRehearsals(place)
      const signal = new AbortController().signal
      await checkpoints.create({
        id: null,
        release: null,
        migrations: null,
        reason: 'a test',
        template: null,
        signal,
      })
    },
    rehearse(release, back, changes) {
      const signal = new AbortController().signal
      const request = { service: 'shop', release, back, checkpoint: null, signal }
      return rehearse(
        openRehearsals(place, () => {}, changes),
        request,
      )
    },
    async leftOvers() {
      const databases = await postgres.query<{ datname: string }>(
        'postgres',
        `SELECT datname FROM pg_database WHERE datname LIKE 'lastgood%'`,
      )
      const units = await pm2.list()
      const sockets = await readdir(join(lab.dir, 'run'))
      return [...databases.map(({ datname }) => datname), ...units.map(({ name }) => name), ...sockets]
    },
    [Symbol.asyncDispose]: () => lab.close(),
  }
}

async function writeRelease(place: RehearsalPlace, id: ReleaseId, files: ReleaseFiles): Promise<void> {
  const folder = join(place.dir, 'releases', id)
  const directory = join(folder, 'app')
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(directory, 'migrations'), { recursive: true })
  await symlink(MODULES, join(directory, 'node_modules'))
  await writeFile(join(directory, 'package.json'), '{"name": "shop", "type": "module"}')
  await writeFile(join(directory, 'index.mjs'), APP)
  await writeFile(join(directory, 'smoke.json'), JSON.stringify(files.smoke))
  if (files.stubborn !== undefined) await writeFile(join(directory, 'stubborn'), files.stubborn)
  for (const [name, sql] of Object.entries(files.migrations))
    await writeFile(join(directory, 'migrations', name), sql)
  const env: Record<string, string> = {
    PORT: String(place.port),
    PATH: process.env.PATH ?? '',
    DATABASE_URL: place.url,
  }
  for (const [name, value] of Object.entries(files.env ?? {})) {
    if (value === null) delete env[name]
    else env[name] = value
  }
  const smoke = files.smoke.map((_, i): HttpCheck => ({ ...CHECK, name: `smoke ${i}`, path: `/smoke/${i}` }))
  const configuration = configurationFor(directory, {
    service: 'shop',
    smoke,
    health: { live: '/health', database: null, ready: null },
    startTimeoutMs: 60_000,
    verify: { windowMs: 1_500, everyMs: 100, timeoutMs: 20_000 },
  })
  const launch = launchFor(directory, { service: 'shop', env, configuration })
  const runtime = {
    ...launch.runtime,
    app: 'shop',
    script: 'index.mjs',
    mode: 'fork' as const,
    port: place.port,
  }
  const record: LaunchRecord = { ...launch, runtime }
  await writeFile(join(folder, 'launch.mjs'), `export default ${JSON.stringify(record)}`)
}

const CHECK = {
  method: 'GET',
  requestHeaders: {},
  body: null,
  status: null,
  headers: {},
  json: {},
  withinMs: 20_000,
}

/** Says its statements to the database when it is asked to. */
const APP = `import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import pg from 'pg'
const stubborn = existsSync('stubborn') ? readFileSync('stubborn', 'utf8') : null
const pool = new pg.Pool({ connectionString: stubborn ?? process.env.DATABASE_URL, max: 3 })
pool.on('error', () => {})
const smoke = JSON.parse(readFileSync('smoke.json', 'utf8'))
if (stubborn !== null) await pool.query('SELECT 1')
const server = createServer(async (request, response) => {
  const number = /^\\/smoke\\/(\\d+)/.exec(request.url)?.[1]
  try {
    await pool.query(number === undefined ? 'SELECT 1' : smoke[number])
    response.end('{}')
  } catch (error) {
    response.statusCode = 500
    response.end(String(error))
  }
})
server.listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGINT', () => server.close(() => process.exit(0)))
`
