import { expect, test } from 'vitest'
import { type Candidate, choosePostgres, parseMajor } from './choose-postgres.ts'

const candidate = (bin: string, major: number | undefined, rest: Partial<Candidate> = {}): Candidate => ({
  bin,
  major,
  onPath: false,
  missing: [],
  ...rest,
})

test.each([
  ['postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)', 15],
  ['postgres (PostgreSQL) 14.2', 14],
  ['postgres (PostgreSQL) 19devel', 19],
  ['postgres (PostgreSQL) 9.6.24', 9],
  ['command not found', undefined],
])('the major version of "%s" is %s', (line, major) => {
  expect(parseMajor(line)).toBe(major)
})

test('what is on PATH wins over something newer', () => {
  const candidates = [candidate('/pg/14/bin', 14, { onPath: true }), candidate('/pg/17/bin', 17)]
  expect(choosePostgres(candidates)).toEqual({ found: true, bin: '/pg/14/bin', major: 14 })
})

test('else the newest wins, by number and not by text', () => {
  const candidates = [candidate('/pg/9/bin', 9), candidate('/pg/14/bin', 14), candidate('/pg/100/bin', 100)]
  expect(choosePostgres(candidates)).toEqual({ found: true, bin: '/pg/100/bin', major: 100 })
})

test('what is on PATH is passed over when it is too old, incomplete or mute', () => {
  const candidates = [
    candidate('/old', 13, { onPath: true }),
    candidate('/half', 16, { onPath: true, missing: ['pg_dump'] }),
    candidate('/mute', undefined, { onPath: true }),
    candidate('/good', 15),
  ]
  expect(choosePostgres(candidates)).toMatchObject({ found: true, bin: '/good' })
})

test('says for each one why it will not do', () => {
  const choice = choosePostgres([
    candidate('/old', 13),
    candidate('/half', 16, { missing: ['initdb', 'pg_dump'] }),
    candidate('/mute', undefined),
  ])
  expect(choice).toEqual({
    found: false,
    why: '/old is PostgreSQL 13, older than 14; /half lacks initdb, pg_dump; /mute/postgres does not say its version',
  })
})

test('says so when there is none at all', () => {
  expect(choosePostgres([])).toEqual({ found: false, why: 'no PostgreSQL was found' })
})
