import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { partsOf, prepareRestore } from '../../lab/database/restore-shop.ts'
import { runOrFail } from '../../lab/run.ts'
import { createRestoration } from '../../src/database/restore/create-restoration.ts'
import type { Site, Way } from './way.ts'

const HOUR = 3_600_000

/** The seed's own, with the one thing it leaves out: without an empty database to go into, its psql repairs nothing. */
const runbook: Way = {
  name: 'runbook',
  does: 'stop; pg_dump > safety copy; dropdb, createdb; psql < backup.sql; count; start',
  url: ({ shop }) => shop.url,
  async restore(site, clients) {
    const { backup } = site
    clients.stop()
    await type(site, `pg_dump ${site.shop.database} > safety.sql`)
    await recreate(site)
    await type(site, `psql -q ${site.shop.database} < '${backup}' > /dev/null`)
    await type(site, `psql -c 'SELECT COUNT(*) FROM users' ${site.shop.database}`)
    clients.start()
  },
  rest: (site) => rm(join(site.folder, 'safety.sql'), { force: true }),
}

const pgRestore: Way = {
  name: 'pg_restore',
  does: 'stop; pg_dump -Fd -j2; dropdb, createdb; pg_restore -e -j2; count; start',
  url: ({ shop }) => shop.url,
  async restore(site, clients) {
    const { shop, taken } = site
    clients.stop()
    await type(site, `pg_dump -Fd -j2 -Z1 -f safety.dir ${shop.database}`)
    await recreate(site)
    await type(site, `pg_restore -e -j2 -d ${shop.database} '${join(taken.folder, 'dump')}'`)
    await type(site, `psql -c 'SELECT COUNT(*) FROM users' ${shop.database}`)
    clients.start()
  },
  rest: (site) => rm(join(site.folder, 'safety.dir'), { force: true, recursive: true }),
}

function lastgood(name: 'lastgood' | 'lastgood-pgbouncer', does: string, through: boolean): Way {
  const open = ({ shop, taken, bouncer }: Site) => {
    const parts = partsOf(shop, taken)
    const pgbouncer = through ? { adminUrl: bouncer.adminUrl } : null
    return createRestoration({ ...parts, database: { ...parts.database, pgbouncer } })
  }
  return {
    name,
    does,
    url: ({ shop, bouncer }) => (through ? bouncer.url : shop.url),
    async restore(site, clients) {
      const port = open(site)
      const restore = await prepareRestore(port, site.taken, 'bench')
      clients.mark()
      await port.swap(restore)
    },
    async rest(site) {
      await open(site).dropExpired(Date.now() + 100 * 24 * HOUR)
    },
  }
}

export const ways: Way[] = [
  runbook,
  pgRestore,
  lastgood('lastgood', 'restore beside, compare with the manifest, swap', false),
  lastgood('lastgood-pgbouncer', 'the same, behind PgBouncer: PAUSE, swap, RESUME', true),
]

async function recreate(site: Site): Promise<void> {
  await type(site, `dropdb --force ${site.shop.database} && createdb ${site.shop.database}`)
}

/** As an operator types it. */
async function type({ shop, folder }: Site, command: string): Promise<void> {
  const { host, port, bin } = shop.postgres
  const env = {
    PATH: `${bin}:${process.env.PATH ?? ''}`,
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: shop.owner.user,
    PGPASSWORD: shop.owner.password,
  }
  await runOrFail('sh', ['-c', command], { cwd: folder, env, timeoutMs: HOUR })
}
