import type { AppliedMigration, KnownMigration } from '../../../domain/migration.ts'
import { OperatorError } from '../../../errors/operator-error.ts'
import { quoteTable, readBookkeeping } from '../bookkeeping.ts'
import { isCode, withoutExtension } from '../code-files.ts'
import { checksumOf } from '../sql-text.ts'
import type { Described, ToolAdapter, ToolWork } from '../tool.ts'

/** Columns that tools keep the name in, the likeliest first, and those that give the order. */
const NAMES = ['name', 'migration_name', 'filename', 'version', 'id']
const ORDERS = ['id', 'run_on', 'applied_at', 'executed_at', 'created_at', 'timestamp', 'version', 'name']

/**
 * The project's own commands (`npm run db:migrate:up|down|status`), for a tool we do not know. `down` goes by step: it is
 * run once a migration, and what is applied is read after each. `{name}` in it is replaced by the one that is meant.
 */
export const commands: ToolAdapter = {
  tool: 'commands',
  atomic: false,
  recognises: () => false,
  folders: async () => ['migrations', 'db/migrations', 'src/migrations'],
  table: async () => null,
  describe,
  readApplied,
  async up({ command, settings }) {
    await command(wordsOf(settings.commands?.up, 'up'))
  },
  async down({ command, settings }, { name }) {
    const words = wordsOf(settings.commands?.down, 'down')
    await command(words.map((word) => word.replaceAll('{name}', name)))
  },
}

/** Nobody can tell whether such a migration has a way down but the one who runs it. */
async function describe({ files, text }: Described): Promise<KnownMigration[]> {
  const migrations = files.filter((file) => isCode(file) || file.endsWith('.sql'))
  return Promise.all(
    migrations
      .filter((file) => !file.endsWith('.down.sql'))
      .map(async (file) => {
        const name = withoutExtension(file).replace(/\.up$/, '')
        return { name, title: file, checksum: checksumOf(await text(file)), down: 'code' as const }
      }),
  )
}

async function readApplied(work: ToolWork): Promise<AppliedMigration[]> {
  if (work.table !== null) return withoutEndings(await readTable(work, work.table), work.known)
  const { status = null } = work.settings.commands ?? {}
  if (status === null) {
    const detail = 'neither database.migrations.table nor the command `status` tells what is applied'
    throw new OperatorError('MIGRATIONS_UNREADABLE', { detail })
  }
  return readStatus(await work.command(status), work.known)
}

async function readTable({ sql }: ToolWork, table: string): Promise<AppliedMigration[]> {
  const rows = await sql.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
    [quoteTable(table)],
  )
  if (rows.length === 0) return []
  const columns = new Set(rows.map(({ name }) => name))
  const name = NAMES.find((column) => columns.has(column))
  if (name === undefined) {
    const detail = `${table} has no column that holds a migration's name (${NAMES.join(', ')})`
    throw new OperatorError('MIGRATIONS_UNREADABLE', { detail })
  }
  return readBookkeeping(sql, table, { name, order: ORDERS.filter((column) => columns.has(column)) })
}

/** Lines that name a migration and say that it is applied: `applied  1_init`, `[X] 1_init`, `1_init  up`. */
export function readStatus(output: string, known: readonly KnownMigration[]): AppliedMigration[] {
  const applied: AppliedMigration[] = []
  for (const line of output.split('\n')) {
    const words = line.trim().split(/[\s,;|│]+/)
    const name = words.find((word) => isName(word, known)) ?? words.find((word) => /\d\w*[_.-]\w/.test(word))
    if (name === undefined) continue
    // Without the name: it may have such a word in it.
    const said = line.replace(name, '').toLowerCase()
    if (/\b(pending|not applied|down|missing|skipped)\b|\[ \]/.test(said)) continue
    if (!/\b(applied|up|done|executed|completed|yes)\b|\[x\]|✓|✔/.test(said)) continue
    applied.push({ name, checksum: null, at: null, halfDone: false })
  }
  return withoutEndings(applied, known)
}

function isName(word: string, known: readonly KnownMigration[]): boolean {
  return known.some(({ name, title }) => word === name || word === title)
}

/** Whether a tool records the file's ending or not, it is the same migration. */
function withoutEndings(
  applied: readonly AppliedMigration[],
  known: readonly KnownMigration[],
): AppliedMigration[] {
  return applied.map((migration) => {
    const same = known.find(({ name, title }) => migration.name === name || migration.name === title)
    return same === undefined ? migration : { ...migration, name: same.name }
  })
}

function wordsOf(words: string[] | undefined, name: string): string[] {
  if (words === undefined || words.length === 0) {
    throw new OperatorError('MIGRATIONS_UNREADABLE', {
      detail: `database.migrations.commands.${name} is not set`,
    })
  }
  return words
}
