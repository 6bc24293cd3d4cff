import fc from 'fast-check'
import semver from 'semver'
import { expect, test } from 'vitest'
import { matchOsv, versionsByName } from './match-osv.ts'
import { parseLockfile } from './read-lockfile.ts'
import { cvssScore, severityOf } from './severity.ts'

type Event = Record<string, string>

const entry = (affected: object, more: object = {}) => ({
  id: 'X-1',
  summary: 'bad',
  database_specific: { severity: 'HIGH' },
  affected: [{ package: { ecosystem: 'npm', name: 'a' }, ...affected }],
  ...more,
})

const packages = (...versions: string[]) =>
  versionsByName(versions.map((version, index) => ({ name: 'a', version, place: `${index}` })))

const hits = (affected: object, ...versions: string[]) =>
  matchOsv([entry(affected)], packages(...versions), 'file').advisories.map(({ version }) => version)

const range = (...events: Event[]) => ({ ranges: [{ type: 'SEMVER', events }] })

test.each<[string, Event[], string[]]>([
  ['from the beginning', [{ introduced: '0' }], ['0.0.1-alpha', '1.2.3-rc.1', '1.2.3', '2.0.0']],
  ['until it was fixed', [{ introduced: '0' }, { fixed: '1.2.3' }], ['0.0.1-alpha', '1.2.3-rc.1']],
  ['up to the last one', [{ introduced: '1.0.0' }, { last_affected: '1.2.3' }], ['1.2.3-rc.1', '1.2.3']],
  ['in any order', [{ fixed: '2.0.0' }, { introduced: '1.2.3' }], ['1.2.3']],
  ['twice', [{ introduced: '0' }, { fixed: '1.0.0' }, { introduced: '2.0.0' }], ['0.0.1-alpha', '2.0.0']],
])('a range of versions: %s', (_, events, expected) => {
  expect(hits(range(...events), '0.0.1-alpha', '1.2.3-rc.1', '1.2.3', '2.0.0')).toEqual(expected)
})

test('versions that are listed, other ecosystems, other kinds of ranges, and what was withdrawn', () => {
  expect(hits({ versions: ['1.0.0', 'weird'] }, '1.0.0', '1.0.1', 'weird')).toEqual(['1.0.0', 'weird'])
  expect(hits({ ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] }, '1.0.0')).toEqual([])
  const everything = range({ introduced: '0' })
  const other = { ...everything, package: { ecosystem: 'PyPI', name: 'a' } }
  expect(matchOsv([entry(other)], packages('1.0.0'), 'file').advisories).toEqual([])
  const withdrawn = entry(everything, { withdrawn: '2024-01-01T00:00:00Z' })
  expect(matchOsv([withdrawn], packages('1.0.0'), 'file').advisories).toEqual([])
})

test('what cannot be told is said, and is no finding', () => {
  const matched = matchOsv(
    [entry(range({ introduced: '0' })), entry(range({ introduced: 'x' }), { id: 'X-2' })],
    packages('git'),
    'file',
  )
  expect(matched).toEqual({
    advisories: [],
    problems: [
      'file: X-1: whether git is meant cannot be told',
      'file: X-2: whether git is meant cannot be told',
    ],
  })
  expect(matchOsv([entry(range({ introduced: 'x' }))], packages('1.0.0'), 'file').problems).toEqual([
    'file: X-1: introduced is x, which is no version',
  ])
})

const version = fc
  .tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 3 }))
  .map((parts) => parts.join('.'))

test('one range is what semver makes of it', () => {
  fc.assert(
    fc.property(version, version, version, (introduced, fixed, installed) => {
      fc.pre(semver.lt(introduced, fixed))
      const expected = semver.satisfies(installed, `>=${introduced} <${fixed}`)
      expect(hits(range({ introduced }, { fixed }), installed)).toEqual(expected ? [installed] : [])
    }),
  )
})

test('the severity: as it is said, else by the score, else high and said', () => {
  expect(severityOf({ database_specific: { severity: 'MODERATE' } })).toBe('moderate')
  expect(severityOf({ affected: [{ ecosystem_specific: { severity: 'medium' } }] })).toBe('moderate')
  expect(severityOf({ id: 'MAL-2024-1' })).toBe('critical')
  const vector = 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N'
  expect(severityOf({ severity: [{ type: 'CVSS_V3', score: vector }] })).toBe('moderate')
  const unknown = entry(range({ introduced: '0' }), { database_specific: {} })
  expect(matchOsv([unknown], packages('1.0.0'), 'file')).toMatchObject({
    advisories: [{ severity: 'high' }],
    problems: ['file: X-1 has no severity and is taken as high'],
  })
})

// Scores as the specification's own examples and calculator give them.
test.each([
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', 6.1],
  ['CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N', 6.4],
  ['CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N', 5.5],
  ['CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N', 3.1],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', 10],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0],
  ['7.5', 7.5],
  ['CVSS:3.1/AV:N', null],
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', null],
])('%s is %d', (vector, score) => {
  expect(cvssScore(vector)).toBe(score)
})

test('the lockfile: nested, aliased, linked, and for development only', () => {
  const text = JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': { name: 'store', version: '1.0.0' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/a/node_modules/@s/b': { version: '2.0.0' },
      'node_modules/c': { name: 'd', version: '3.0.0' },
      'node_modules/e': { resolved: 'packages/e', link: true },
      'packages/e': { name: 'e', version: '4.0.0' },
      'node_modules/f': { version: '5.0.0', dev: true },
      'node_modules/g': { version: '6.0.0', devOptional: true },
    },
  })
  const read = parseLockfile(text, 'package-lock.json')
  expect(read.ok && read.packages.map(({ name, version: its }) => `${name}@${its}`)).toEqual([
    'a@1.0.0',
    '@s/b@2.0.0',
    'd@3.0.0',
    'e@4.0.0',
    'g@6.0.0',
  ])
  for (const old of ['{"lockfileVersion":1,"dependencies":{}}', 'not json'])
    expect(parseLockfile(old, 'package-lock.json')).toEqual({
      ok: false,
      problem: 'package-lock.json lists no packages: npm 7 or newer writes one that does',
    })
})
