import type { ReleaseSchema } from '../domain/migration.ts'
import type { ReleaseId } from '../domain/release.ts'
import type { MigrationFiles } from '../ports/migrations.ts'
import type { TrialCopy } from '../ports/trial-databases.ts'
import type { RehearsalPorts, RehearseRequest } from './rehearsal-ports.ts'

/** A release as its migrations are run on the copy. */
export interface MigratingRelease {
  id: ReleaseId
  files: MigrationFiles
  /** Null: it has no migrations. */
  schema: ReleaseSchema | null
}

/** Migrations are code of the release: nothing in its environment may lead to the live database. */
export async function describeMigrations(
  ports: RehearsalPorts,
  { service }: RehearseRequest,
  copy: TrialCopy,
  id: ReleaseId,
): Promise<MigratingRelease> {
  const { directory, env } = await ports.store.launchRecord(service, id)
  const files = { directory, env: copy.environment(env).env }
  const schema = (await ports.store.schema(service, id)) ?? (await ports.migrations.describe(files))
  return { id, files, schema }
}
