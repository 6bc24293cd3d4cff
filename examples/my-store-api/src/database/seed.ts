import pg from 'pg'
import { hashPassword } from '../passwords.ts'
import { seedCategories, seedProducts, seedUsers } from './seed-data.ts'

/** Fills an empty store. Running it again changes nothing: what is there stays as it is. */
export async function seed(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query('begin')
    await insertMissing(client, 'categories', seedCategories())
    await insertMissing(client, 'products', seedProducts())
    await insertMissing(client, 'users', await Promise.all(seedUsers().map(withHash)))
    await client.query('commit')
  } finally {
    await client.end()
  }
}

async function withHash({
  password,
  ...user
}: {
  id: number
  email: string
  name: string
  password: string
}) {
  // A salt made from the id: the same seed always gives the same rows. Never do this for real people.
  const salt = Buffer.alloc(16, user.id)
  return { ...user, password_hash: await hashPassword(password, salt) }
}

/** Rows go in with their own ids, so the sequence is moved past them. */
async function insertMissing(client: pg.Client, table: string, rows: { id: number }[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).join(', ')
  await client.query(
    `insert into ${table} (${columns})
     select ${columns} from jsonb_populate_recordset(null::${table}, $1) on conflict do nothing`,
    [JSON.stringify(rows)],
  )
  await client.query(`select setval(pg_get_serial_sequence($1, 'id'), (select max(id) from ${table}))`, [
    table,
  ])
}

const url = process.env.DATABASE_URL
if (!url) throw new Error('DATABASE_URL is not set')
await seed(url)
console.log(`seeded: ${seedUsers().length} users, ${seedProducts().length} products`)
