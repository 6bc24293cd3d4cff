// Plain JavaScript, production dependencies only: in an incident it must run in a release that was never built.
import { readdirSync } from 'node:fs'
import { basename, extname } from 'node:path'
import pg from 'pg'

if (!process.env.DATABASE_URL) throw new Error('DATABASE_URL is not set')

const files = readdirSync(new URL('../migrations/', import.meta.url))
  .filter((file) => !file.startsWith('.'))
  .map((file) => basename(file, extname(file)))
  .sort()
const applied = await readApplied(process.env.DATABASE_URL)

for (const { name, run_on } of applied) {
  const known = files.includes(name) ? '' : '  (not a migration of this release)'
  console.log(`applied  ${name}  ${run_on.toISOString()}${known}`)
}
const pending = files.filter((name) => !applied.some((migration) => migration.name === name))
for (const name of pending) console.log(`pending  ${name}`)
console.log(`${applied.length} applied, ${pending.length} pending`)

/** The bookkeeping table of node-pg-migrate; it does not exist before the first migration. */
async function readApplied(connectionString) {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    const { rows } = await client.query("select to_regclass('pgmigrations') is not null as there")
    if (!rows[0].there) return []
    return (await client.query('select name, run_on from pgmigrations order by run_on, id')).rows
  } finally {
    await client.end()
  }
}
