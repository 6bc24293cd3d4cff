import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createCheckpoints } from './database/checkpoints/file-checkpoints.ts'
import { createMigrations } from './database/migrations/migrations.ts'
import { parseConnection } from './database/postgres/connection.ts'
import { restoreInto } from './database/postgres/restore-into.ts'
import { createTrialDatabases } from './database/rehearsal/create-trial-databases.ts'
import { createRestoration } from './database/restore/create-restoration.ts'
import { createSalvage } from './database/salvage/create-salvage.ts'
import type { DatabaseConfiguration } from './domain/configuration.ts'
import type { Crash } from './executor/crash-points.ts'
import type { Clock } from './ports/clock.ts'
import type { CommandRunner } from './ports/command-runner.ts'
import type { DatabasePorts } from './ports/database.ts'

export interface DatabaseParts {
  service: string
  database: DatabaseConfiguration
  /** What the configuration says of the migrations' folder for the project as a whole. */
  migrationsFolder: string | null
  home: string
  env: Readonly<Record<string, string | undefined>>
  runner: CommandRunner
  clock: Clock
  crash: Crash
}

/** The database's half of the composition root: loaded only where a database is configured. */
export function wireDatabase(parts: DatabaseParts): DatabasePorts {
  const { service, database, home, env, runner, clock, crash } = parts
  const { url, adminUrl } = database
  const { folder, jobs, keep, maxAgeMs, maxBytes } = database.checkpoints
  const checkpoints = createCheckpoints({
    service,
    url,
    adminUrl,
    pgbouncerUrl: database.pgbouncer?.adminUrl ?? null,
    folder: folder ?? join(home, 'services', service, 'checkpoints'),
    jobs,
    rule: { keep, maxAgeMs, maxBytes },
    env,
    runner,
    clock,
    crash,
  })
  return {
    checkpoints,
    migrations: createMigrations({
      url,
      settings: { ...database.migrations, folder: database.migrations.folder ?? parts.migrationsFolder },
      runner,
      drivers: fileURLToPath(new URL('./database/migrations/drivers', import.meta.url)),
      crash,
    }),
    restoration: createRestoration({
      database,
      clock,
      crash,
      restoreInto: (checkpoint, name, options) =>
        restoreInto(
          {
            connection: parseConnection(adminUrl ?? url),
            folder: checkpoints.folderOf(checkpoint.id),
            runner,
            env,
          },
          checkpoint,
          name,
          { jobs, ...options },
        ),
    }),
    salvage: createSalvage({ database, clock, crash }),
    trials: createTrialDatabases({
      service,
      url,
      adminUrl,
      pooled: database.pgbouncer !== null,
      folderOf: checkpoints.folderOf,
      jobs,
      runner,
      env,
      crash,
    }),
  }
}
