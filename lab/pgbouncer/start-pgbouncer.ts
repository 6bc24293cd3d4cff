import { chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab } from '../open-lab.ts'
import { findProgram } from '../postgres/install-postgres.ts'
import { findServerAccount } from '../postgres/server-account.ts'
import type { Postgres } from '../postgres/start-postgres.ts'
import { startProgram } from '../start-program.ts'
import { waitUntil } from '../wait-until.ts'

const PLACES = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer']

export type Pgbouncer = {
  /** For clients, as `role`. */
  url(role: { user: string; password: string }, name: string): string
  /** The admin console. */
  adminUrl: string
  pid: number
  log: string
}

export type PgbouncerOptions = {
  /** What its clients call them, and the databases of the server they lead to. */
  databases: Record<string, string>
  users: { user: string; password: string }[]
  poolMode?: 'transaction' | 'session'
}

/** A private PgBouncer in front of the lab's PostgreSQL. It refuses to run as root, so it runs as PostgreSQL's account. */
export async function startPgbouncer(
  lab: Lab,
  postgres: Postgres,
  options: PgbouncerOptions,
): Promise<Pgbouncer> {
  const program = await findPgbouncer()
  const port = await lab.freePort()
  const dir = join(lab.dir, `pgbouncer-${port}`)
  await mkdir(dir, { mode: 0o700 })
  const admin = { user: 'bouncer', password: 'bouncer' }
  const config = join(dir, 'pgbouncer.ini')
  const users = join(dir, 'users')
  await writeFile(config, configurationOf(options, postgres, port, users), { mode: 0o600 })
  const lines = [admin, ...options.users].map(({ user, password }) => `"${user}" "${password}"\n`)
  await writeFile(users, lines.join(''), { mode: 0o600 })
  const account = await findServerAccount()
  const { uid, gid } = account
  if (uid !== undefined && gid !== undefined)
    await Promise.all([dir, config, users].map((path) => chown(path, uid, gid)))

  const log = join(lab.dir, `pgbouncer-${port}.log`)
  const pid = await startProgram(lab, program, [config], { ...account, log, cwd: dir })
  const isUp = async () => /process up/.test(await readFile(log, 'utf8'))
  await waitUntil(isUp, { what: `PgBouncer (${log})` })
  const url = ({ user, password }: { user: string; password: string }, name: string) =>
    `postgres://${user}:${password}@127.0.0.1:${port}/${encodeURIComponent(name)}`
  return { url, adminUrl: url(admin, 'pgbouncer'), pid, log }
}

export function findPgbouncer(): Promise<string> {
  return findProgram('PgBouncer', 'pgbouncer', PLACES)
}

function configurationOf(
  { databases, poolMode = 'transaction' }: PgbouncerOptions,
  postgres: Postgres,
  port: number,
  users: string,
): string {
  const lines = Object.entries(databases).map(
    ([name, database]) =>
      `${name} = host=${postgres.host} port=${postgres.port} dbname='${database.replaceAll("'", "''")}'`,
  )
  return `[databases]
${lines.join('\n')}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
admin_users = bouncer
pool_mode = ${poolMode}
default_pool_size = 20
max_client_conn = 200
ignore_startup_parameters = extra_float_digits,options
`
}
