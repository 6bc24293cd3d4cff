import { openLab } from '../../lab/open-lab.ts'
import type { Postgres } from '../../lab/postgres/start-postgres.ts'
import { parseConnection } from '../../src/database/postgres/connection.ts'
import { describeContent } from '../../src/database/postgres/content.ts'
import { inTransaction, withSession } from '../../src/database/postgres/session.ts'
import { createSalvage } from '../../src/database/salvage/create-salvage.ts'
import type { Checkpoint } from '../../src/domain/checkpoint.ts'
import type { Salvage } from '../../src/ports/salvage.ts'

export interface SalvageLab {
  postgres: Postgres
  /** Two databases with the same rows: what was restored, and what is to be damaged. */
  twoDatabases(sql: string): Promise<{ restored: string; damaged: string }>
  salvageOf(database: string, user?: { name: string; password: string }): Salvage
  rowsOf(database: string, query: string): Promise<Record<string, unknown>[]>
  checkpointOf(database: string): Promise<Checkpoint>
  close(): Promise<void>
}

export async function openSalvageLab(name: string): Promise<SalvageLab> {
  const lab = await openLab({ name })
  const postgres = await lab.postgres()
  let count = 0
  return {
    postgres,
    async twoDatabases(sql) {
      const restored = `shop "${++count}"`
      const damaged = `${restored}_bad_20261123`
      await postgres.createDatabase(restored)
      await postgres.query(restored, sql)
      await postgres.query('postgres', `create database ${id(damaged)} template ${id(restored)}`)
      return { restored, damaged }
    },
    salvageOf(database, user) {
      const url = new URL(postgres.url(database))
      if (user !== undefined) Object.assign(url, { username: user.name, password: user.password })
      return createSalvage({
        database: { url: url.href, adminUrl: null },
        clock: { now: Date.now, sleep: async () => {} },
        crash() {},
      })
    },
    rowsOf: (database, query) => postgres.query<Record<string, unknown>>(database, query),
    checkpointOf: (database) => takeRecord(postgres.url(database), database),
    close: () => lab.close(),
  }
}

export const id = (name: string) => `"${name.replaceAll('"', '""')}"`

export const SHOP = `
create table users (id int generated always as identity primary key, email text not null unique);
create table orders (id serial primary key, user_id int not null references users, total int not null);
create table items (order_id int references orders, line int, qty int check (qty > 0), primary key (order_id, line));
create table nothing (id int primary key);
insert into users (email) values ('ann'), ('bob');
insert into orders (user_id, total) values (1, 10), (2, 20);
insert into items values (1, 1, 1), (2, 1, 1);
create table fired (what text);
create function note() returns trigger language plpgsql as
  $$ begin insert into public.fired values (tg_table_name || new.id); return new; end $$;
create trigger note after insert on orders for each row execute function note();`

async function takeRecord(url: string, database: string): Promise<Checkpoint> {
  const taken = await withSession(parseConnection(url), 'test', (session) =>
    inTransaction(
      session,
      async () => {
        const [row] = await session.query<{ xmin: string }>(
          'select pg_snapshot_xmin(pg_current_snapshot())::text as xmin',
        )
        return { snapshotXmin: row?.xmin ?? '', content: await describeContent(session) }
      },
      'isolation level repeatable read read only',
    ),
  )
  return {
    id: 'c1',
    service: 'shop',
    database,
    createdAt: '2026-11-23T00:00:00Z',
    release: null,
    migrations: null,
    serverVersion: 150000,
    bytes: 0,
    files: [],
    template: null,
    ms: 0,
    reason: 'test',
    ...taken,
    properties: {
      owner: 'lab',
      encoding: 'UTF8',
      collate: 'C',
      ctype: 'C',
      localeProvider: 'libc',
      locale: null,
      tablespace: 'pg_default',
      connectionLimit: -1,
      settings: [],
      acl: null,
      comment: null,
      roles: [],
    },
  }
}
