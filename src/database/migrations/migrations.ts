import type { Migrations } from '../../ports/migrations.ts'
import { parseConnection } from '../postgres/connection.ts'
import { withSession } from '../postgres/session.ts'
import { adapterFor } from './choose-tool.ts'
import { describeRelease } from './describe-release.ts'
import { goDown, goUp, move } from './move.ts'
import { type MigrationParts, workFor } from './work.ts'

export type { MigrationParts } from './work.ts'

export function createMigrations(parts: MigrationParts): Migrations {
  return {
    describe: (release) => describeRelease(parts, release),
    applied: async (schema, where) => {
      const connection = parseConnection(where.url ?? parts.url)
      const adapter = adapterFor(schema.tool)
      return withSession(connection, 'migrations', (sql) =>
        adapter.readApplied(workFor(parts, sql, { ...where, schema })),
      )
    },
    up: (request) => move(parts, request, 'up', (work) => goUp(parts, request, work)),
    down: (request) => move(parts, request, 'down', (work) => goDown(parts, request, work)),
  }
}
