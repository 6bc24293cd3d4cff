import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { endProcess } from '../reaper/ending.mjs'
import { identify } from '../reaper/process-table.mjs'
import { runOrFail } from '../run.ts'
import { waitUntil } from '../wait-until.ts'
import { findPostgres, type PostgresPrograms } from './find-postgres.ts'
import { listenSettings, QUICK_SETTINGS, toArguments } from './quick-settings.ts'
import { type Account, findServerAccount } from './server-account.ts'
import { openSession, type PostgresSession } from './session.ts'

const HOST = '127.0.0.1'
export const POSTGRES_USER = 'lab'

export type Postgres = PostgresSession & {
  host: string
  port: number
  /** The process that must be ended for the server to be gone. */
  pid: number
  /** The folder of `psql`, `pg_dump` and the others of this version. */
  bin: string
  /** What the server has to say. */
  log: string
  /** The folder with its Unix socket, where one was asked for. */
  sockets: string | null
  stop(): Promise<void>
}

export type PostgresOptions = {
  /** The server's own folder; it is made. Its parents must let the account `postgres` through when we are root. */
  dir: string
  /** Added to the environment of the server. */
  env?: Record<string, string>
  /** Over the quick ones: `{fsync: 'on'}` */
  settings?: Record<string, string>
  /** A folder of its own for a Unix socket, for containers: they mount it. */
  sockets?: boolean
  /** Called as soon as the process exists, before the server answers. */
  onSpawn?: (pid: number) => void
}

/** Starts a private PostgreSQL in `dir`, on a free port of 127.0.0.1, and waits until it answers. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const programs = await findPostgres()
  const account = await findServerAccount()
  const password = randomBytes(16).toString('hex')
  await mkdir(options.dir, { mode: 0o700 })
  if (account.uid !== undefined && account.gid !== undefined)
    await chown(options.dir, account.uid, account.gid)
  await createCluster(programs, account, options.dir, password)

  const sockets = options.sockets ? join(options.dir, 'sockets') : null
  if (sockets !== null) {
    await mkdir(sockets)
    if (account.uid !== undefined && account.gid !== undefined) await chown(sockets, account.uid, account.gid)
  }
  const log = join(options.dir, 'log')
  const server = await startOnFreePort(programs, account, options, log)
  const session = openSession({ host: HOST, port: server.port, user: POSTGRES_USER, password, programs })
  return {
    ...session,
    host: HOST,
    port: server.port,
    pid: server.pid,
    bin: programs.bin,
    log,
    sockets,
    stop: server.stop,
  }
}

async function createCluster(programs: PostgresPrograms, account: Account, dir: string, password: string) {
  const passwordFile = join(dir, 'password') // never in argv
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (account.uid !== undefined && account.gid !== undefined)
    await chown(passwordFile, account.uid, account.gid)
  const args = [
    '--no-sync',
    '--no-locale',
    '--encoding=UTF8',
    '--auth=scram-sha-256',
    `--username=${POSTGRES_USER}`,
  ]
  await runOrFail(programs.path('initdb'), [...args, `--pwfile=${passwordFile}`, '-D', join(dir, 'data')], {
    ...account,
    cwd: dir,
  })
  await rm(passwordFile)
}

type Server = { pid: number; port: number; stop(): Promise<void> }

/** The port was free when we asked; a stranger who took it since makes the server end at once, so it is tried again. */
async function startOnFreePort(
  programs: PostgresPrograms,
  account: Account,
  options: PostgresOptions,
  log: string,
) {
  for (let attemptsLeft = 3; ; attemptsLeft--) {
    const server = await startServer(programs, account, options, log, await freePort())
    if (server) return server
    const said = await readFile(log, 'utf8')
    if (attemptsLeft === 0 || !said.includes('could not bind'))
      throw new Error(`PostgreSQL did not start:\n${said}`)
  }
}

async function startServer(
  programs: PostgresPrograms,
  account: Account,
  { dir, env, settings, sockets, onSpawn }: PostgresOptions,
  log: string,
  port: number,
): Promise<Server | undefined> {
  const data = join(dir, 'data')
  const output = await open(log, 'w')
  // Detached: Ctrl-C in our terminal must not end the server before the programs that use it.
  const child = spawn(
    programs.path('postgres'),
    [
      '-D',
      data,
      ...toArguments({
        ...QUICK_SETTINGS,
        ...settings,
        ...listenSettings(HOST, port, sockets ? join(dir, 'sockets') : ''),
      }),
    ],
    {
      ...account,
      cwd: dir,
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      env: { ...env, LC_ALL: 'C' },
    },
  )
  const ended = new Promise<false>((resolve) =>
    child.once('exit', () => resolve(false)).once('error', () => resolve(false)),
  )
  child.unref()
  await output.close()
  const { pid } = child
  const identity = pid === undefined ? undefined : identify(pid)
  if (pid === undefined || !identity) return undefined
  onSpawn?.(pid)

  // Its eighth line is what pg_ctl waits for too.
  const isReady = async () =>
    (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[7]?.trim() === 'ready'
  const ready = waitUntil(isReady, { what: `PostgreSQL in ${dir}`, timeoutMs: 30_000, everyMs: 10 })
  if (!(await Promise.race([ready.then(() => true), ended]))) {
    ready.catch(() => {}) // nobody waits for it any more
    return undefined
  }
  return {
    pid,
    port,
    async stop() {
      // SIGINT is "fast": connections are told, the server ends in order.
      const gone = await endProcess(identity, { signal: 'SIGINT', graceMs: 5000 })
      if (!gone) throw new Error(`PostgreSQL (${pid}) could not be ended`)
    },
  }
}
