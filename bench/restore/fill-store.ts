import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Shop, withClient } from '../../lab/database/open-shop.ts'
import type { Postgres } from '../../lab/postgres/start-postgres.ts'

const MIGRATIONS = fileURLToPath(new URL('../../examples/my-store-api/migrations', import.meta.url))
const ORDERS_A_ROUND = 100_000

/** The store's own schema, with as many orders as make a database of that size. */
export async function fillStore(postgres: Postgres, database: string, bytes: number): Promise<Shop> {
  const owner = { user: 'lab', password: decodeURIComponent(new URL(postgres.url('postgres')).password) }
  const url = await postgres.createDatabase(database)
  await withClient(url, async (client) => {
    for (const file of (await readdir(MIGRATIONS)).sort()) {
      const text = await readFile(`${MIGRATIONS}/${file}`, 'utf8')
      await client.query(text.slice(0, text.indexOf('-- Down Migration')))
    }
    await client.query(`
      INSERT INTO users (email, name, password_hash)
        SELECT 'shopper-' || n || '@example.com', 'Shopper ' || n, md5(n::text) || md5((n + 1)::text) FROM generate_series(1, 20000) n;
      INSERT INTO categories (slug, name) SELECT 'category-' || n, 'Category ' || n FROM generate_series(1, 50) n;
      INSERT INTO products (category_id, name, description, price_cents, stock)
        SELECT 1 + n % 50, 'Product ' || n, repeat(md5(n::text) || ' ', 10), 100 + n % 9900, 1000 FROM generate_series(1, 10000) n;
      ALTER TABLE order_items DROP CONSTRAINT order_items_order_id_fkey, DROP CONSTRAINT order_items_product_id_fkey,
        DROP CONSTRAINT order_items_pkey;
      ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey, DROP CONSTRAINT orders_pkey;`)
    // Indexes come last, as in any large load, and make about as much again as a third of the rows.
    while ((await sizeOf(client, database)) < bytes * 0.68) await addOrders(client)
    await client.query(`
      ALTER TABLE orders ADD PRIMARY KEY (id), ADD FOREIGN KEY (user_id) REFERENCES users (id);
      ALTER TABLE order_items ADD PRIMARY KEY (order_id, product_id),
        ADD FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
        ADD FOREIGN KEY (product_id) REFERENCES products (id);
      REVOKE ALL ON DATABASE ${database} FROM PUBLIC; ANALYZE`)
  })
  return { database, owner, url, adminUrl: postgres.url('postgres'), postgres }
}

export async function bytesOf({ postgres, database }: Shop): Promise<number> {
  const [row] = await postgres.query<{ bytes: string }>(
    'postgres',
    'SELECT pg_database_size($1::name) AS bytes',
    [database],
  )
  return Number(row?.bytes ?? 0)
}

type Client = { query(sql: string, values?: unknown[]): Promise<{ rows: { bytes: string }[] }> }

async function sizeOf(client: Client, database: string): Promise<number> {
  const { rows } = await client.query('SELECT pg_database_size($1::name) AS bytes', [database])
  return Number(rows[0]?.bytes ?? 0)
}

async function addOrders(client: Client): Promise<void> {
  await client.query(`
    WITH new AS (
      INSERT INTO orders (id, user_id, total_cents, created_at)
        SELECT gen_random_uuid(), 1 + (random() * 19999)::int, 100 + (random() * 99900)::int, now() - random() * interval '1 year'
          FROM generate_series(1, ${ORDERS_A_ROUND}) RETURNING id)
    INSERT INTO order_items (order_id, product_id, quantity, price_cents)
      SELECT id, item * 3000 + (random() * 2999)::int + 1, 1 + (random() * 2)::int, 100 + (random() * 9900)::int
        FROM new, generate_series(0, 1) item`)
}
