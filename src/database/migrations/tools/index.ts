import type { ToolAdapter } from '../tool.ts'
import { commands } from './commands.ts'
import { dbmate } from './dbmate.ts'
import { drizzle } from './drizzle.ts'
import { knex } from './knex.ts'
import { kysely } from './kysely.ts'
import { nodePgMigrate } from './node-pg-migrate.ts'
import { prisma } from './prisma.ts'
import { plainSql } from './sql.ts'
import { typeorm } from './typeorm.ts'
import { umzug } from './umzug.ts'

/** In the order they are looked for: what does nothing but migrate before what is also used to query. */
export const tools: readonly ToolAdapter[] = [
  nodePgMigrate,
  dbmate,
  prisma,
  umzug,
  typeorm,
  drizzle,
  knex,
  kysely,
  plainSql,
  commands,
]
