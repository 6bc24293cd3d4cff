import { compareMigrations, type KnownMigration, type ReleaseSchema } from '../domain/migration.ts'
import type { TrialCopy } from '../ports/trial-databases.ts'
import type { MigratingRelease } from './describe-migrations.ts'
import type { RehearsalPorts, RehearseRequest } from './rehearsal-ports.ts'

/**
 * `unchanged`: the release brings nothing · `pending`: it brings migrations that the copy does not have yet, `target` is what
 * it has · `applied`: the copy is of a time when they were applied already · `partly`: some of them were, which a deploy that
 * failed has left. `target` is then what the release before them needs, because that is what a rollback goes down to.
 */
export type Route = { kind: 'unchanged' } | MigratingRoute
export type MigratingRoute = {
  kind: 'pending' | 'partly' | 'applied'
  release: MigratingRelease & { schema: ReleaseSchema }
  target: KnownMigration[]
  /** The table of the tool's own record: it changes, and nothing of the service is in it. */
  record: string | null
}

/** A checkpoint may be older than the release to go back to: the copy is then brought to that one's schema first. */
export async function chooseRoute(
  ports: RehearsalPorts,
  { signal, onPhase }: RehearseRequest,
  copy: TrialCopy,
  { release, back }: { release: MigratingRelease; back: MigratingRelease | null },
): Promise<Route> {
  const { schema } = release
  if (schema === null) return { kind: 'unchanged' }
  const read = () => ports.migrations.applied(schema, { files: release.files, url: copy.url })
  let applied = await read()
  if (back !== null && back.schema !== null) {
    const { relation } = compareMigrations(applied, back.schema.migrations)
    if (relation === 'behind') {
      onPhase?.(`bringing the copy to the schema of ${back.id}`)
      await ports.migrations.up({ files: back.files, schema: back.schema, url: copy.url, signal })
      applied = await read()
    }
  }
  const record = schema.table ?? (await copy.findRecord(applied.map(({ name }) => name)))
  const { pending } = compareMigrations(applied, schema.migrations)
  const withSchema = { ...release, schema }
  const there = new Set(applied.map(({ name }) => name))
  const target = back?.schema?.migrations ?? []
  const kept = new Set(target.map(({ name }) => name))
  const brings = schema.migrations.filter(({ name }) => !kept.has(name))
  // Which of them were there before a release that we know nothing of, nobody knows.
  const left = back?.schema ? brings.filter(({ name }) => there.has(name)) : []
  if (pending.length > 0 && left.length === 0) {
    const had = schema.migrations.filter(({ name }) => there.has(name))
    return { kind: 'pending', release: withSchema, target: had, record }
  }
  if (back === null || brings.length === 0) return { kind: 'unchanged' }
  return { kind: pending.length > 0 ? 'partly' : 'applied', release: withSchema, target, record }
}
