import type { Checkpoints } from './checkpoints.ts'
import type { Migrations } from './migrations.ts'
import type { Restoration } from './restore.ts'
import type { Salvage } from './salvage.ts'
import type { TrialDatabases } from './trial-databases.ts'

/** The service's database, by what is done with it. */
export interface DatabasePorts {
  checkpoints: Checkpoints
  migrations: Migrations
  restoration: Restoration
  salvage: Salvage
  trials: TrialDatabases
}
