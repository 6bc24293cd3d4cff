import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../../errors/operator-error.ts'
import type { Connection } from './connection.ts'
import { tlsMode } from './tls.ts'

const NAME = /^\.passfile-(\d+)-[0-9a-f]+$/

/** Parameters of a url, and the variable that libpq reads instead. */
const VARIABLES: Record<string, string> = {
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  options: 'PGOPTIONS',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  channel_binding: 'PGCHANNELBINDING',
  gssencmode: 'PGGSSENCMODE',
}

/**
 * Runs `work` with the whole environment of a client program. The password is in a file that only we can read, for as long
 * as it runs: anybody may read a process's arguments, and often its environment.
 */
export async function withPassFile<T>(
  connection: Connection,
  folder: string,
  work: (env: Record<string, string>) => Promise<T>,
): Promise<T> {
  const env = environmentOf(connection)
  if (connection.password === null) return work(env)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await removeLeftOvers(folder)
  const path = join(folder, `.passfile-${process.pid}-${randomBytes(6).toString('hex')}`)
  await writeFile(path, `*:*:*:*:${escaped(connection.password)}\n`, { mode: 0o600, flag: 'wx' })
  try {
    return await work({ ...env, PGPASSFILE: path })
  } finally {
    await rm(path, { force: true })
  }
}

function environmentOf(connection: Connection): Record<string, string> {
  const { host, port, user, database, parameters } = connection
  const mode = tlsMode(connection)
  const named = Object.entries(VARIABLES).flatMap(([name, variable]) => {
    const value = parameters[name]
    return value === undefined ? [] : [[variable, value] as const]
  })
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
    PGCONNECT_TIMEOUT: '10',
    ...(mode === null ? {} : { PGSSLMODE: mode === 'no-verify' ? 'require' : mode }),
    ...Object.fromEntries(named),
    // Their messages are read.
    LC_ALL: 'C',
  }
}

function escaped(password: string): string {
  return password.replace(/[\\:]/g, '\\$&')
}

/** Of runs that were killed. */
async function removeLeftOvers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = NAME.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}
