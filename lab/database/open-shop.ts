import pg from 'pg'
import type { Postgres } from '../postgres/start-postgres.ts'

export type Shop = {
  database: string
  owner: { user: string; password: string }
  /** As its owner, a role without any further right. */
  url: string
  /** As the cluster's own superuser, to the database `postgres`. */
  adminUrl: string
  postgres: Postgres
}

/** A small database of its own owner, with what a restore must keep: grants, settings, sequences, a comment. */
export async function openShop(postgres: Postgres, database = 'shop'): Promise<Shop> {
  const owner = { user: 'shop_owner', password: 'not-a-secret' }
  await postgres.query(
    'postgres',
    `DO $$ BEGIN CREATE ROLE shop_owner LOGIN PASSWORD 'not-a-secret'; CREATE ROLE shop_reader LOGIN PASSWORD 'not-a-secret';
     EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
  )
  const name = pg.escapeIdentifier(database)
  await postgres.query('postgres', `CREATE DATABASE ${name} OWNER shop_owner TEMPLATE template0`)
  await postgres.query('postgres', `REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`)
  await postgres.query('postgres', `GRANT CONNECT ON DATABASE ${name} TO shop_reader`)
  await postgres.query('postgres', `ALTER DATABASE ${name} SET search_path = "$user", public, "odd, one"`)
  await postgres.query('postgres', `ALTER DATABASE ${name} SET statement_timeout = '30s'`)
  await postgres.query('postgres', `ALTER ROLE shop_reader IN DATABASE ${name} SET work_mem = '8MB'`)
  await postgres.query('postgres', `ALTER DATABASE ${name} CONNECTION LIMIT 77`)
  await postgres.query('postgres', `COMMENT ON DATABASE ${name} IS 'it''s the \\ shop $lastgood$'`)
  const url = asRole(postgres.url(database), owner)
  await fill(url)
  return { database, owner, url, adminUrl: postgres.url('postgres'), postgres }
}

export function asRole(url: string, { user, password }: { user: string; password: string }): string {
  const changed = new URL(url)
  changed.username = user
  changed.password = password
  return changed.href
}

/** One connection for one piece of work. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function fill(url: string): Promise<void> {
  await withClient(url, (client) =>
    client.query(`
      CREATE TABLE products (id serial PRIMARY KEY, name text NOT NULL, price_cents integer NOT NULL);
      CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        product_id integer NOT NULL REFERENCES products, quantity integer NOT NULL CHECK (quantity IN (1, 2, 3)));
      CREATE TABLE visits (page text);
      CREATE TABLE empty_one (id integer PRIMARY KEY);
      INSERT INTO products (name, price_cents) SELECT 'product ' || n, n * 100 FROM generate_series(1, 1000) n;
      INSERT INTO orders (product_id, quantity) SELECT 1 + n % 1000, 1 + n % 3 FROM generate_series(1, 500) n;
      INSERT INTO visits SELECT 'page ' || n FROM generate_series(1, 500) n;
      GRANT SELECT ON products TO shop_reader;`),
  )
}

/** What a bad release does: prices wrong, a column and a table more, and orders taken meanwhile. */
export async function damage(url: string): Promise<void> {
  await withClient(url, (client) =>
    client.query(`
      UPDATE products SET price_cents = 1;
      ALTER TABLE products ADD COLUMN junk text;
      CREATE TABLE bad_reviews (id serial PRIMARY KEY, product_id integer REFERENCES products);
      INSERT INTO orders (product_id, quantity) SELECT 7, 1 FROM generate_series(1, 50);`),
  )
}
