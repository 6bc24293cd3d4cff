import { describe, expect, it } from 'vitest'
import { hasStatements, migrateSections, migrationSections } from './sql-text.ts'
import { readStatus } from './tools/commands.ts'
import { dbmateArguments } from './tools/dbmate.ts'

describe('up and down in one file', () => {
  it('is cut where node-pg-migrate cuts it', () => {
    const { up, down } = migrationSections(
      '-- Up Migration\ncreate table t ();\n-- Down Migration\ndrop table t;\n',
    )
    expect(up).toContain('create table t')
    expect(up).not.toContain('drop')
    expect(down).toContain('drop table t')
    expect(migrationSections('create table t ();').down).toBeNull()
    const upsideDown = migrationSections(
      '-- Down Migration\ndrop table t;\n-- Up Migration\ncreate table t ();',
    )
    expect(upsideDown.up).not.toContain('drop')
    expect(upsideDown.down).not.toContain('create')
  })

  it('is cut where dbmate cuts it', () => {
    const { up, down } = migrateSections(
      '-- migrate:up\ncreate table t ();\n\n-- migrate:down\ndrop table t;',
    )
    expect(up).not.toContain('drop')
    expect(down).toContain('drop table t')
  })

  it('has no way down where nothing but comments is left of it', () => {
    expect(migrateSections('-- migrate:up\nselect 1;\n-- migrate:down\n-- not reversible\n').down).toBeNull()
    expect(hasStatements('/* later */ ; -- never\n')).toBe(false)
    expect(hasStatements('drop table t')).toBe(true)
  })
})

describe("what a project's own status command says", () => {
  const known = ['1_init', '2_drop-down-menu'].map((name) => ({
    name,
    title: `${name}.sql`,
    checksum: '',
    down: 'code' as const,
  }))
  const names = (output: string) => readStatus(output, known).map(({ name }) => name)

  it('is read in the forms that are usual', () => {
    expect(
      names('applied  1_init  2026-01-01T00:00:00.000Z\npending  2_drop-down-menu\n1 applied, 1 pending'),
    ).toEqual(['1_init'])
    expect(names('[X] 1_init.sql\n[X] 2_drop-down-menu.sql')).toEqual(['1_init', '2_drop-down-menu'])
    expect(names('[X] 1_init.sql\n[ ] 2_drop-down-menu.sql')).toEqual(['1_init'])
    expect(names('1_init | up\n2_drop-down-menu | down')).toEqual(['1_init'])
  })

  it('tells of one that the release does not have', () => {
    expect(names('applied  1_init\napplied  3_other  (not a migration of this release)')).toEqual([
      '1_init',
      '3_other',
    ])
  })
})

it('never lets dbmate write into the release', () => {
  expect(dbmateArguments({ folder: '/r5/db/migrations', table: null }, 'rollback')).toEqual([
    '--migrations-dir',
    '/r5/db/migrations',
    '--migrations-table',
    'schema_migrations',
    '--no-dump-schema',
    'rollback',
  ])
})
