import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AppliedMigration,
  compareMigrations,
  isBookkeeping,
  type KnownMigration,
  migrationsToUndo,
  releaseThatKnows,
} from './migration.ts'

const known = (name: string, changes: Partial<KnownMigration> = {}): KnownMigration => ({
  name,
  title: name,
  checksum: `sum of ${name}`,
  down: 'code',
  ...changes,
})
const applied = (name: string, changes: Partial<AppliedMigration> = {}): AppliedMigration => ({
  name,
  checksum: null,
  at: null,
  halfDone: false,
  ...changes,
})
const some = (names: readonly string[]) => names.map((name) => known(name))
const there = (names: readonly string[]) => names.map((name) => applied(name))

const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9_]{1,8}$/), { maxLength: 12 })

describe('what is applied against what a release brings', () => {
  it('is exact, behind, ahead or diverged, and says by what', () => {
    expect(compareMigrations(there(['a', 'b']), some(['a', 'b'])).relation).toBe('exact')
    expect(compareMigrations(there(['a']), some(['a', 'b']))).toMatchObject({
      relation: 'behind',
      pending: ['b'],
    })
    expect(compareMigrations(there(['a', 'b']), some(['a']))).toMatchObject({
      relation: 'ahead',
      unknown: ['b'],
    })
    expect(compareMigrations(there(['a', 'x']), some(['a', 'b']))).toMatchObject({
      relation: 'diverged',
      pending: ['b'],
      unknown: ['x'],
    })
  })

  it('differs where one name has two contents, or one never ended', () => {
    const edited = [applied('a', { checksum: 'another' })]
    expect(compareMigrations(edited, some(['a']))).toMatchObject({ relation: 'diverged', changed: ['a'] })
    const half = [applied('a', { halfDone: true })]
    expect(compareMigrations(half, some(['a']))).toMatchObject({ relation: 'diverged', halfDone: ['a'] })
  })

  it('accounts for every name once, whatever the two lists are', () => {
    fc.assert(
      fc.property(names, names, (inDatabase, inRelease) => {
        const { relation, pending, unknown } = compareMigrations(there(inDatabase), some(inRelease))
        const common = inDatabase.filter((name) => inRelease.includes(name))
        expect([...common, ...unknown].sort()).toEqual([...inDatabase].sort())
        expect([...common, ...pending].sort()).toEqual([...inRelease].sort())
        expect(relation === 'exact').toBe(pending.length + unknown.length === 0)
        expect(relation === 'diverged').toBe(pending.length > 0 && unknown.length > 0)
      }),
    )
  })
})

describe('which migrations go down', () => {
  it('is what the target does not have, newest first, and then the target fits exactly', () => {
    fc.assert(
      fc.property(names, fc.nat(12), (all, cut) => {
        const target = some(all.slice(0, cut))
        const decision = migrationsToUndo(there(all), target, some(all))
        expect(decision).toEqual({ ok: true, undo: some(all.slice(cut)).reverse() })
        if (!decision.ok) return
        const gone = new Set(decision.undo.map(({ name }) => name))
        const left = there(all).filter(({ name }) => !gone.has(name))
        expect(compareMigrations(left, target).relation).toBe('exact')
        // Done twice is done once.
        expect(migrationsToUndo(left, target, some(all))).toEqual({ ok: true, undo: [] })
      }),
    )
  })

  it('is refused, whatever the lists are, when the files that would run it miss one that is applied', () => {
    fc.assert(
      fc.property(names, names, names, (inDatabase, inTarget, inRunner) => {
        const decision = migrationsToUndo(there(inDatabase), some(inTarget), some(inRunner))
        if (inDatabase.some((name) => !inRunner.includes(name))) {
          expect(decision).toMatchObject({ ok: false, reason: 'differ' })
        }
        if (!decision.ok) return
        // What is allowed takes nothing that the target has, and everything that it has not.
        const undone = decision.undo.map(({ name }) => name)
        expect([...undone].reverse()).toEqual(inDatabase.filter((name) => !inTarget.includes(name)))
        expect(inDatabase.slice(0, inDatabase.length - undone.length).sort()).toEqual([...inTarget].sort())
      }),
    )
  })

  it('is refused from the old checkout, which does not know the newest one', () => {
    const decision = migrationsToUndo(there(['1_init', '2_feature']), some([]), some(['1_init']))
    expect(decision).toEqual({
      ok: false,
      reason: 'differ',
      details: ['applied, and not in the release that would run it: 2_feature'],
    })
  })

  it('is refused when one of them has no way down, and names it', () => {
    const runner = [known('a'), known('b', { down: 'none' }), known('c')]
    const decision = migrationsToUndo(there(['a', 'b', 'c']), some(['a']), runner)
    expect(decision).toEqual({ ok: false, reason: 'forward-only', migrations: [runner[1]] })
    expect(migrationsToUndo(there(['a', 'b', 'c']), runner.slice(0, 2), runner)).toMatchObject({ ok: true })
  })

  it('is possible after an up that failed half way', () => {
    const runner = some(['a', 'b', 'c'])
    expect(migrationsToUndo(there(['a', 'b']), some(['a']), runner)).toEqual({ ok: true, undo: [known('b')] })
  })

  it('is refused when the target needs what is not applied', () => {
    const decision = migrationsToUndo(there(['a', 'c']), some(['a', 'b']), some(['a', 'b', 'c']))
    expect(decision).toMatchObject({ ok: false, details: ['needed by the target, and not applied: b'] })
  })

  it('is refused for one that lies below one that stays', () => {
    const decision = migrationsToUndo(there(['a', 'x', 'b']), some(['a', 'b']), some(['a', 'b', 'x']))
    expect(decision).toMatchObject({ ok: false, details: ['applied before b, which stays: x'] })
  })

  it('is refused when a name means two things', () => {
    const edited = [known('a', { checksum: 'edited' }), known('b')]
    expect(migrationsToUndo(there(['a', 'b']), some(['a']), edited)).toMatchObject({
      ok: false,
      details: ['not the same in the two releases: a'],
    })
  })
})

describe('whose files may take it down', () => {
  it('is the first release that knows everything applied, or none', () => {
    const releases = [
      { id: 'r1', migrations: some(['a']) },
      { id: 'r2', migrations: some(['a', 'b']) },
    ]
    expect(releaseThatKnows(there(['a', 'b']), releases)?.id).toBe('r2')
    expect(releaseThatKnows(there(['a']), releases)?.id).toBe('r1')
    expect(releaseThatKnows(there(['x']), releases)).toBeNull()
  })
})

describe('isBookkeeping', () => {
  it.each([
    ['knex_migrations', 'public', 'knex_migrations', true],
    ['knex_migrations', 'public', 'knex_migrations_lock', true],
    ['ops.migrations', 'ops', 'migrations', true],
    ['ops.migrations', 'public', 'migrations', false],
    ['migrations', 'public', 'orders', false],
    [null, 'public', 'orders', false],
  ])('with the record in %s: %s.%s', (table, schema, name, expected) => {
    expect(isBookkeeping({ table }, { schema, name })).toBe(expected)
  })
})
