import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { takeCheckpoint } from '../../lab/database/take-checkpoint.ts'
import type { Lab } from '../../lab/open-lab.ts'
import { startPgbouncer } from '../../lab/pgbouncer/start-pgbouncer.ts'
import { type Postgres, startPostgres } from '../../lab/postgres/start-postgres.ts'
import { runOrFail } from '../../lab/run.ts'
import type { Report } from '../report.ts'
import { bytesOf, fillStore } from './fill-store.ts'
import { measureRestore, type RestoreRun } from './measure-restore.ts'
import { reportRestore, type SizeResult } from './report-restore.ts'
import { formatSize, parseSizes } from './size.ts'
import type { RestoreWay, Site } from './way.ts'
import { ways as all } from './ways.ts'

type Options = { runs?: number; sizes: string; ways: string[] | null }

/** As a server is set up for work; the lab's own would lose its data with the machine, and be too fast. */
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
  maintenance_work_mem: '256MB',
}

/** Every size on its own, and in it round robin over the ways. */
export async function benchRestore(lab: Lab, { runs = 3, sizes, ways: named }: Options): Promise<Report> {
  const wanted = parseSizes(sizes)
  const ways = all.filter(({ name }) => named === null || named.includes(name))
  const postgres = await startPostgres({
    dir: join(lab.dir, 'bench-postgres'),
    env: lab.env,
    settings: SETTINGS,
    onSpawn: (pid) => lab.watch(pid, { signal: 'SIGQUIT' }),
  })
  lab.onClose(postgres.stop)
  const results: SizeResult[] = []
  for (const size of wanted) {
    const site = await prepareSite(lab, postgres, size)
    const bytes = await bytesOf(site.shop)
    console.log(`the store, ${formatSize(bytes)}`)
    const byWay = new Map<RestoreWay, RestoreRun[]>(ways.map(({ name }) => [name, []]))
    for (let round = 1; round <= runs; round++) {
      for (const way of ways) {
        await settleDisk(postgres)
        const run = await measureRestore(way, site)
        byWay.get(way.name)?.push(run)
        console.log(`run ${round} of ${runs}  ${way.name.padEnd(18)} ${describeRun(run)}`)
      }
    }
    results.push({ bytes, byWay })
    await postgres.dropDatabase(site.shop.database)
    await rm(site.folder, { recursive: true })
  }
  return reportRestore(results, runs, SETTINGS)
}

/** What the way before has written is on the disk, and not on the account of the next one. */
async function settleDisk(postgres: Postgres): Promise<void> {
  await postgres.query('postgres', 'CHECKPOINT')
  await runOrFail('sync', [], { timeoutMs: 600_000 })
}

async function prepareSite(lab: Lab, postgres: Postgres, size: number): Promise<Site> {
  const database = `store_${formatSize(size).replace(/\W/g, '').toLowerCase()}`
  console.log(`filling ${database}`)
  const shop = await fillStore(postgres, database, size)
  const folder = join(lab.dir, database)
  await mkdir(folder)
  const taken = await takeCheckpoint(shop, join(folder, 'c1'))
  const backup = join(folder, 'backup.sql')
  await runOrFail(join(postgres.bin, 'pg_dump'), ['-f', backup, shop.url], { timeoutMs: 3_600_000 })
  const bouncer = await startPgbouncer(lab, postgres, {
    databases: { [database]: database },
    users: [shop.owner],
  })
  return {
    lab,
    shop,
    folder,
    taken,
    backup,
    bouncer: { url: bouncer.url(shop.owner, database), adminUrl: bouncer.adminUrl },
  }
}

function describeRun({
  unavailableMs,
  switchMs,
  diskMs,
  failedRequests,
  requests,
  totalMs,
  differences,
  reasons,
}: RestoreRun): string {
  return [
    `unavailable ${unavailableMs} ms, in the switch ${switchMs}, disk ${diskMs}`,
    `${failedRequests} of ${requests} failed ${JSON.stringify(reasons)}`,
    `${(totalMs / 1000).toFixed(1)} s in all`,
    differences.length === 0 ? 'content equal' : `content differs: ${differences[0]}`,
  ].join(', ')
}
