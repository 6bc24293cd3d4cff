import { type NextMark, type NextState, writeMark } from '../../domain/database-mark.ts'
import type { FoundDatabase } from '../../domain/restore.ts'
import { quoteIdentifier, quoteLiteral } from '../postgres/identifier.ts'
import type { Sql } from '../postgres/session.ts'

/** Always the last thing a step does: what has the mark has all that comes before it. */
export async function setNextState(
  sql: Sql,
  { name, mark }: Pick<FoundDatabase<NextMark>, 'name' | 'mark'>,
  state: NextState,
): Promise<void> {
  const comment = quoteLiteral(writeMark({ ...mark, state }))
  await sql.query(`COMMENT ON DATABASE ${quoteIdentifier(name)} IS ${comment}`)
}
