import { expect, test } from 'vitest'
import { isOperatorError } from '../../errors/operator-error.ts'
import { describeConnection, onDatabase, parseConnection } from './connection.ts'
import { quoteIdentifier, quoteLiteral } from './identifier.ts'

test('reads every part, decoded', () => {
  const url =
    'postgresql://st%40re:p%3Aw%2F%23%25@db.example:6432/my%20shop?sslmode=require&options=-c%20a%3Db'
  expect(parseConnection(url)).toEqual({
    host: 'db.example',
    port: 6432,
    user: 'st@re',
    password: 'p:w/#%',
    database: 'my shop',
    parameters: { sslmode: 'require', options: '-c a=b' },
  })
})

test.each([
  ['postgres://me@h', { host: 'h', port: 5432, database: 'me', password: null }],
  ['postgres://me@[::1]:5/x', { host: '::1', port: 5, database: 'x' }],
  ['postgres://me@/x?host=/run/postgresql', { host: '/run/postgresql', port: 5432 }],
  ['postgres://me:pw@:5433/x', { host: 'localhost', port: 5433, password: 'pw' }],
])('%s', (url, expected) => {
  expect(parseConnection(url)).toMatchObject(expected)
})

test.each([
  ['mysql://a:secret@h/d', 'postgres://'],
  ['postgres://:secret@h/d', 'no user'],
  ['postgres://a:secret#1@h/d', ''],
  ['postgres://a:secret%zz@h/d', '%25'],
  ['postgres://a:secret@h:99999/d', ''],
  ['host=h password=secret', 'no url'],
  ['postgres://a:secret%0A@h/d', 'line break'],
])('refuses %s without saying the password', (url, words) => {
  let caught: unknown
  try {
    parseConnection(url)
  } catch (error) {
    caught = error
  }
  expect(isOperatorError(caught) && caught.code).toBe('DB_URL_INVALID')
  expect(String(caught)).toContain(words)
  expect(String(caught)).not.toContain('secret')
})

test('is described without its password', () => {
  const connection = onDatabase(parseConnection('postgres://store:secret@127.0.0.1/shop'), 'other')
  expect(describeConnection(connection)).toBe('store@127.0.0.1:5432/other')
})

test('quotes names and texts', () => {
  expect(quoteIdentifier('a"; drop --')).toBe('"a""; drop --"')
  expect(quoteLiteral("it's")).toBe("'it''s'")
  expect(quoteLiteral("a\\'")).toBe(" E'a\\\\'''")
  expect(() => quoteIdentifier('')).toThrow()
})
