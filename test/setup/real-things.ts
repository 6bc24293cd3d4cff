import { existsSync } from 'node:fs'
import { findPostgres } from '../../lab/postgres/find-postgres.ts'

/**
 * Once before the tiers that run the built program against a real PostgreSQL: what they all need is there, or one line says
 * what is missing, instead of a hundred tests failing for the same reason.
 */
export async function setup(): Promise<void> {
  if (!existsSync(new URL('../../dist/lastgood.cjs', import.meta.url)))
    throw inOneLine('npm run build first: dist/lastgood.cjs is missing')
  try {
    await findPostgres()
  } catch (error) {
    throw inOneLine(error instanceof Error ? error.message : String(error))
  }
}

/** The stack would lead into this file, where there is nothing to see. */
function inOneLine(text: string): Error {
  const error = new Error(text)
  error.stack = ''
  return error
}
