import type { AppliedMigration, ReleaseSchema } from '../domain/migration.ts'
import type { ReleaseId } from '../domain/release.ts'
import { OperatorError } from '../errors/operator-error.ts'
import type { DatabasePorts } from '../ports/database.ts'
import type { MigrationFiles } from '../ports/migrations.ts'
import type { StepPorts } from './step-ports.ts'

/** @throws OperatorError DATABASE_NOT_CONFIGURED: the plan was made while it was */
export function databaseOf({
  database,
  configPath,
}: Pick<StepPorts, 'database' | 'configPath'>): DatabasePorts {
  if (database === null) throw new OperatorError('DATABASE_NOT_CONFIGURED', { config: configPath })
  return database
}

/** What is needed to ask for the migrations of a release. */
export type Parts = Pick<StepPorts, 'database' | 'configPath' | 'store' | 'state'>

export async function filesOf({ store, state }: Parts, release: ReleaseId): Promise<MigrationFiles> {
  const { directory, env } = await store.launchRecord(state.service, release)
  return { directory, env }
}

/** As kept with the release; one that was built before anybody looked is looked at now. Null: it has no migrations. */
export async function schemaOf(parts: Parts, release: ReleaseId): Promise<ReleaseSchema | null> {
  const kept = await parts.store.schema(parts.state.service, release)
  return kept ?? databaseOf(parts).migrations.describe(await filesOf(parts, release))
}

/** By the table of the tool that the release brings. Null: it brings none. */
export async function appliedNow(parts: Parts, release: ReleaseId): Promise<AppliedMigration[] | null> {
  const schema = await schemaOf(parts, release)
  if (schema === null) return null
  return databaseOf(parts).migrations.applied(schema, { files: await filesOf(parts, release) })
}
