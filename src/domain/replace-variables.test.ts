import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeVariables, replaceVariables } from './replace-variables.ts'

const ENV = { HOST: 'db', PORT: '5432', EMPTY: '', NESTED: `\${PORT}` }

test.each([
  ['plain $HOST $5', 'plain $HOST $5'],
  [`\${HOST}:\${PORT}`, 'db:5432'],
  [`\${MISSING:-5433}`, '5433'],
  [`\${PORT:-5433}`, '5432'],
  [`\${EMPTY:-fallback}`, 'fallback'],
  [`a\${EMPTY}b`, 'ab'],
  [`\${MISSING:-}`, ''],
  [`$\${HOST}`, `\${HOST}`],
  [`\${NESTED}`, `\${PORT}`],
])('%s -> %s', (text, expected) => {
  expect(replaceVariables(text, ENV)).toMatchObject({ text: expected, problems: [] })
})

test('names every variable that is not set', () => {
  const { problems } = replaceVariables(`\${ONE} \${HOST} \${TWO}`, ENV)
  expect(problems.map((problem) => /has no (\w+)/.exec(problem)?.[1])).toEqual(['ONE', 'TWO'])
})

test.each([`\${`, `\${}`, `\${1A}`, `\${A-b}`, `\${HOST`, `\${a b}`])('refuses %s', (text) => {
  expect(replaceVariables(text, ENV).problems).toHaveLength(1)
})

test('tells which values came in, and no default', () => {
  const { taken } = replaceVariables(`\${HOST} \${MISSING:-x}`, ENV)
  expect(taken).toEqual([{ name: 'HOST', value: 'db' }])
})

const pieces = fc
  .array(fc.constantFrom('$', '{', '}', '${', '$${', 'A', ':-', ' ', 'é'), { maxLength: 12 })
  .map((p) => p.join(''))

test('escaped text comes back as it was', () => {
  fc.assert(
    fc.property(pieces, (text) => {
      expect(replaceVariables(escapeVariables(text), {})).toEqual({ text, taken: [], problems: [] })
    }),
  )
})

test('a value is never looked at again, whatever is in it', () => {
  fc.assert(
    fc.property(pieces, pieces, (value, around) => {
      fc.pre(!around.includes('$'))
      const { text, problems } = replaceVariables(`${around}\${V}${around}`, { V: value })
      expect([text, problems]).toEqual([`${around}${value}${around}`, []])
    }),
  )
})
