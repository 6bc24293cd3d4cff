import { describe, expect, test } from 'vitest'
import { alterSetting, grantStatements, settingClause, splitNames } from './database-settings.ts'
import { exchangeScript } from './exchange-script.ts'
import { further } from './sequences.ts'

describe('settings', () => {
  test('a list of names is quoted name by name, as pg_dump does', () => {
    expect(splitNames('"$user", public, "odd, ""one"""')).toEqual(['$user', 'public', 'odd, "one"'])
    expect(settingClause('search_path="$user", public')).toBe(`"search_path" TO '$user', 'public'`)
    expect(settingClause('search_path=')).toBe(`"search_path" TO ''`)
  })
  test('anything else is one text, whatever is in it', () => {
    expect(settingClause('log_line_prefix=%m, "x"=')).toBe(`"log_line_prefix" TO '%m, "x"='`)
    expect(alterSetting('sh"op', "o'r", "my.thing=it's")).toBe(
      `ALTER ROLE "o'r" IN DATABASE "sh""op" SET "my"."thing" TO 'it''s'`,
    )
  })
})

test('rights are given from nothing', () => {
  const acl = [
    { grantee: 'owner', privilege: 'CONNECT', grantable: false },
    { grantee: null, privilege: 'TEMPORARY', grantable: false },
    { grantee: 'reader', privilege: 'CONNECT', grantable: true },
  ]
  expect(grantStatements('shop', 'owner', acl, ['other'])).toEqual([
    'REVOKE ALL ON DATABASE "shop" FROM PUBLIC',
    'REVOKE ALL ON DATABASE "shop" FROM "owner"',
    'REVOKE ALL ON DATABASE "shop" FROM "other"',
    'GRANT CONNECT ON DATABASE "shop" TO "owner"',
    'GRANT TEMPORARY ON DATABASE "shop" TO PUBLIC',
    'GRANT CONNECT ON DATABASE "shop" TO "reader" WITH GRANT OPTION',
  ])
})

describe('sequences', () => {
  const up = { increment: '1', least: '1', most: '1000' }
  const at = (lastValue: string, isCalled = true) => ({ lastValue, isCalled })
  test.each([
    ['behind', at('10'), at('50'), up, 50n],
    ['as far', at('50'), at('50'), up, null],
    ['as far, and here the number is still to be given', at('1', false), at('1'), up, 1n],
    ['ahead', at('60'), at('50'), up, null],
    ['theirs never used', at('1'), at('1', false), up, null],
    ['beyond what ours may be', at('10'), at('5000'), up, 1000n],
    ['downwards', at('-1'), at('-9'), { increment: '-1', least: '-99', most: '-1' }, -9n],
    [
      'larger than a double',
      at('9007199254740993'),
      at('9007199254740994'),
      { ...up, most: '9223372036854775807' },
      9007199254740994n,
    ],
  ])('%s', (_, ours, theirs, bounds, expected) => {
    expect(further(ours, theirs, bounds)).toEqual(expected)
  })
})

test('whatever a name or a comment holds, it stays inside the script', () => {
  const script = exchangeScript({
    name: 'a"b$lastgood$',
    outgoing: { oid: 1, sessionPid: 2, renamedTo: 'old', comment: "it's $lastgood1$" },
    incoming: { oid: 3, sessionPid: 4, name: 'new', comment: null },
    marks: { swapping: 's', ready: 'r', putBack: 'p' },
    patienceMs: 3000,
  })
  const tag = /^DO (\$\w+\$)/.exec(script)?.[1] ?? ''
  expect(tag).toBe('$lastgood2$')
  expect(script.split(tag)).toHaveLength(3)
  expect(script).toContain('ALTER DATABASE "a""b$lastgood$" RENAME TO "old"')
  expect(script).toContain('COMMENT ON DATABASE "a""b$lastgood$" IS NULL')
})
