import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { buildApp } from '../src/app.ts'
import { openDatabase } from '../src/database/database.ts'

export type TestStore = { url: string; sql: pg.Client; databaseUrl: string; close: () => Promise<void> }

const project = fileURLToPath(new URL('..', import.meta.url))

/** A store on a free port with a seeded database of its own, beside the one DATABASE_URL names. */
export async function openTestStore(): Promise<TestStore> {
  const server = process.env.DATABASE_URL
  if (!server) throw new Error('the tests need DATABASE_URL, of any database on a running PostgreSQL')
  const name = `store_test_${randomBytes(6).toString('hex')}`
  await onServer(server, `create database ${name}`)
  const databaseUrl = withDatabase(server, name)
  const steps: (() => Promise<unknown>)[] = [
    () => onServer(server, `drop database if exists ${name} with (force)`),
  ]
  const close = async () => {
    for (const step of steps.reverse()) await step()
  }

  try {
    runScript('db:migrate:up', databaseUrl)
    runScript('db:seed', databaseUrl)
    const database = openDatabase(databaseUrl)
    steps.push(database.close)
    const settings = { databaseUrl, host: '127.0.0.1', port: 0, searchLatencyMs: 100, logLevel: 'silent' }
    const app = buildApp({ settings, database, identity: { release: 'r-test', version: '0.0.0-test' } })
    steps.push(() => app.close())
    await app.listen({ host: '127.0.0.1', port: 0 })
    const sql = new pg.Client({ connectionString: databaseUrl })
    // The database is dropped by force at the end.
    sql.on('error', () => {})
    await sql.connect()
    steps.push(() => sql.end())
    return { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, sql, databaseUrl, close }
  } catch (error) {
    await close()
    throw error
  }
}

export function runScript(name: string, databaseUrl: string): string {
  const env = { ...process.env, DATABASE_URL: databaseUrl }
  return execFileSync('npm', ['run', '--silent', name], { cwd: project, env, encoding: 'utf8' })
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

async function onServer(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
