import { join } from 'node:path'
import { choosePostgres, OLDEST_POSTGRES, type PostgresTool } from './choose-postgres.ts'
import { canInstallPostgres, installPostgres } from './install-postgres.ts'
import { lookForPostgres } from './look-for-postgres.ts'

export type PostgresPrograms = { bin: string; major: number; path(tool: PostgresTool): string }

/**
 * Finds PostgreSQL on PATH or in the distribution's versioned folders. On Debian and Ubuntu, as root, it is installed where
 * it is missing; elsewhere the error is one line that says what to install.
 */
export async function findPostgres(): Promise<PostgresPrograms> {
  const choice = choosePostgres(await lookForPostgres())
  if (choice.found) return toPrograms(choice)
  if (!(await canInstallPostgres())) throw new Error(`${choice.why}: ${whatToInstall()}`)

  await installPostgres()
  const second = choosePostgres(await lookForPostgres())
  if (second.found) return toPrograms(second)
  throw new Error(`apt-get installed PostgreSQL, but ${second.why}: ${whatToInstall()}`)
}

function toPrograms({ bin, major }: { bin: string; major: number }): PostgresPrograms {
  return { bin, major, path: (tool) => join(bin, tool) }
}

function whatToInstall(): string {
  const how =
    process.platform === 'darwin'
      ? '"brew install postgresql@17"'
      : 'on Debian or Ubuntu "sudo apt-get install postgresql postgresql-client"'
  return `install PostgreSQL ${OLDEST_POSTGRES} or newer, server and client programs (${how}), or put its bin folder on PATH`
}
