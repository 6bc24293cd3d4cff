import {
  type AppliedMigration,
  differencesFrom,
  type KnownMigration,
  migrationsToUndo,
  titleOf,
} from '../../domain/migration.ts'
import { isOperatorError, messageOf, OperatorError } from '../../errors/operator-error.ts'
import type { DownRequest, MigrationRequest, MigrationsDone } from '../../ports/migrations.ts'
import { parseConnection } from '../postgres/connection.ts'
import { adapterFor } from './choose-tool.ts'
import { underLock } from './lock.ts'
import type { ToolAdapter, ToolWork } from './tool.ts'
import { LOCK_TIMEOUT_MS, type MigrationParts, workFor } from './work.ts'

/** What one way does; told each migration that is done. */
interface Work {
  adapter: ToolAdapter
  tool: ToolWork
  read(): Promise<AppliedMigration[]>
  /** Names that were applied when it began; null: not read yet. */
  before: string[] | null
  done: MigrationsDone['done']
}

export async function move(
  parts: MigrationParts,
  request: MigrationRequest,
  way: 'up' | 'down',
  go: (work: Work) => Promise<void>,
): Promise<MigrationsDone> {
  const started = performance.now()
  const lockTimeoutMs = request.lockTimeoutMs ?? LOCK_TIMEOUT_MS
  const connection = parseConnection(request.url ?? parts.url)
  const adapter = adapterFor(request.schema.tool)
  return underLock(connection, lockTimeoutMs, lockTimeoutMs, async (session) => {
    const tool = workFor(parts, session, request)
    const read = () => adapter.readApplied(tool)
    const work: Work = { adapter, tool, read, before: null, done: [] }
    try {
      await go(work)
    } catch (error) {
      throw await explain(error, work, way, request)
    }
    // Not `done`: that is the executor's, which does not stop in a rehearsal.
    parts.crash(`migrate-${way}/moved`)
    return { done: work.done, applied: await read(), ms: Math.round(performance.now() - started) }
  })
}

export async function goUp(parts: MigrationParts, request: MigrationRequest, work: Work): Promise<void> {
  const { schema } = request
  const before = await readFirst(work)
  refuseDifferences(differencesFrom(before, schema.migrations), request)
  const pending = missing(schema.migrations, before)
  if (pending.length === 0) return
  parts.crash('migrate-up/begun')
  const started = performance.now()
  await work.adapter.up(work.tool)
  const ms = Math.round(performance.now() - started)
  const left = missing(pending, await work.read())
  for (const { name, title } of pending.filter((migration) => !left.includes(migration)))
    work.done.push({ name, title, ms: Math.round(ms / pending.length) })
  const [first] = left
  if (first !== undefined) throw new Error(`${schema.tool} ended well and did not apply ${first.title}`)
}

export async function goDown(parts: MigrationParts, request: DownRequest, work: Work): Promise<void> {
  const { schema, target } = request
  if (target === null) return refuseDifferences(['what the target needs is not known'], request)
  const decision = migrationsToUndo(await readFirst(work), target, schema.migrations)
  if (!decision.ok && decision.reason === 'differ') return refuseDifferences(decision.details, request)
  if (!decision.ok) throw forwardOnly(decision.migrations)
  if (decision.undo.length > 0) parts.crash('migrate-down/begun')
  for (const migration of decision.undo) {
    request.signal.throwIfAborted()
    const before = await work.read()
    const started = performance.now()
    await work.adapter.down(work.tool, migration)
    const ms = Math.round(performance.now() - started)
    const after = new Set((await work.read()).map(({ name }) => name))
    const gone = before.map(({ name }) => name).filter((name) => !after.has(name))
    const wrong = gone.filter((name) => name !== migration.name)
    for (const name of gone) work.done.push({ name, title: titleOf(name, schema.migrations), ms })
    // It believes its own list; we believe the table.
    if (wrong.length > 0)
      throw new Error(`${schema.tool} took down ${wrong.join(', ')} instead of ${migration.title}`)
    if (gone.length === 0)
      throw new Error(`${schema.tool} ended well and did not take down ${migration.title}`)
    parts.crash('migrate-down/one')
  }
}

async function readFirst(work: Work): Promise<AppliedMigration[]> {
  const applied = await work.read()
  work.before = applied.map(({ name }) => name)
  return applied
}

function refuseDifferences(details: readonly string[], { schema }: MigrationRequest): void {
  if (details.length === 0) return
  throw new OperatorError(
    'MIGRATIONS_DIFFER',
    { tool: schema.tool, count: details.length },
    {
      details: [
        ...details,
        `the release has: ${schema.migrations.map(({ title }) => title).join(', ') || 'none'}`,
      ],
    },
  )
}

function forwardOnly(migrations: readonly KnownMigration[]): OperatorError {
  return new OperatorError('MIGRATION_FORWARD_ONLY', {
    migrations: migrations.map(({ title }) => title).join(', '),
  })
}

/** What a tool that failed has left: read again from its own table, and said. */
async function explain(
  error: unknown,
  { adapter, before, read }: Work,
  way: 'up' | 'down',
  { schema }: MigrationRequest,
): Promise<unknown> {
  const applied = await read().catch(() => null)
  const now = applied?.map(({ name }) => name) ?? []
  const changed = applied === null || before === null ? [] : difference(before, now)
  const own = isOperatorError(error) && !error.code.startsWith('DB_')
  if (own && changed.length === 0) return error
  const titles = (names: readonly string[]) =>
    names.map((name) => titleOf(name, schema.migrations)).join(', ')
  const params = {
    tool: schema.tool,
    way,
    detail: messageOf(error).replace(/\.$/, ''),
    applied: applied === null ? 'not known, it could not be read' : titles(now) || 'nothing',
    done: titles(changed) || 'nothing that is recorded',
  }
  const whole = applied?.every(({ halfDone }) => !halfDone) ?? false
  const clean = changed.length === 0 && adapter.atomic && whole
  return new OperatorError(clean ? 'MIGRATION_FAILED' : 'MIGRATIONS_PARTLY_DONE', params, { cause: error })
}

function difference(before: readonly string[], now: readonly string[]): string[] {
  const gone = before.filter((name) => !now.includes(name)).reverse()
  return [...gone, ...now.filter((name) => !before.includes(name))]
}

function missing(wanted: readonly KnownMigration[], applied: readonly AppliedMigration[]): KnownMigration[] {
  const there = new Set(applied.map(({ name }) => name))
  return wanted.filter(({ name }) => !there.has(name))
}
