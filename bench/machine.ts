import { readFile } from 'node:fs/promises'
import { cpus, release, totalmem, type } from 'node:os'
import { findPostgres } from '../lab/postgres/find-postgres.ts'
import { runOrFail } from '../lab/run.ts'

/** One line: figures mean nothing without it. */
export async function describeMachine(): Promise<string> {
  const processors = cpus()
  const postgres = await findPostgres()
  const [system, pm2, version] = await Promise.all([nameSystem(), pm2Version(), postgresVersion(postgres)])
  return [
    `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown processor'}`,
    `${Math.round(totalmem() / 2 ** 30)} GB`,
    system,
    `Node ${process.versions.node}`,
    `PM2 ${pm2}`,
    `PostgreSQL ${version}`,
  ].join(', ')
}

async function nameSystem(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const name = /^PRETTY_NAME="?([^"\n]+)/m.exec(text)?.[1]
  return name === undefined ? `${type()} ${release()}` : `${name} (${type()} ${release()})`
}

async function pm2Version(): Promise<string> {
  const file = new URL('../node_modules/pm2/package.json', import.meta.url)
  const { version } = JSON.parse(await readFile(file, 'utf8'))
  return String(version)
}

async function postgresVersion({ path }: { path(program: string): string }): Promise<string> {
  const said = await runOrFail(path('postgres'), ['--version'])
  return /\d+(\.\d+)*/.exec(said)?.[0] ?? said
}
