import { expect, test } from 'vitest'
import { predicateProblem } from './predicate.ts'

test.each([
  'orders.total_cents < 0',
  "name = 'it''s; fine' and (a or b)",
  'note = $tag$ ; ) $other$ $tag$',
  "name = E'a\\'; b'",
  '"odd;) name" is null -- ) ; to the end',
  'a /* ) /* nested ; */ ( */ = 1',
  "id in (select id from products where name ~ '[)]')",
  'price$1 > 2',
])('%s may be asked', (text) => {
  expect(predicateProblem(text)).toBeNull()
})

test.each([
  ['', /empty/],
  ['   ', /empty/],
  ['true; drop table orders', /;/],
  ['true) or (1=1', /\) without/],
  ['(true', /\( without/],
  ["name = 'open", /not closed/],
  ['"open', /not closed/],
  ['/* open', /not closed/],
  ['$a$ open $b$', /not closed/],
  ['id = $1', /\$1/],
  ["name = '\\'; drop table orders --'", /;/],
])('%s may not', (text, why) => {
  expect(predicateProblem(text)).toMatch(why)
})
