import { expect, test } from 'vitest'
import { damagedName, isRestoreId, isTemplateOf, nextName, templateName } from './database-name.ts'

const at = Date.parse('2026-11-23T18:04:02.345Z')
const bytes = (text: string) => new TextEncoder().encode(text).length

test('names that say what they are', () => {
  expect(nextName('shop', 'k1')).toBe('shop_next_k1')
  expect(damagedName('shop', at)).toBe('shop_bad_20261123180402')
  expect(damagedName('shop', at, ['shop_bad_20261123180402'])).toBe('shop_bad_20261123180403')
  expect(templateName('shop', 'c7', '0a1b2c3d')).toBe('shop_template_c7_0a1b2c3d')
  expect(isTemplateOf(templateName('ü'.repeat(40), 'c7', '0a1b2c3d'), 'c7')).toBe(true)
  for (const name of [
    'shop',
    'shop_template_c7',
    'shop_template_c17_0a1b2c3d',
    'shop_template_c7_0a1b2c3d_x',
  ])
    expect(isTemplateOf(name, 'c7')).toBe(false)
})

test('never longer than PostgreSQL takes, cut between characters, and still told apart', () => {
  for (const name of ['x'.repeat(63), 'ü'.repeat(31), '店'.repeat(21), '🛒'.repeat(15)]) {
    const long = damagedName(name, at)
    expect(bytes(long)).toBeLessThanOrEqual(63)
    expect(long).not.toMatch(/�/)
    expect(long.endsWith('_bad_20261123180402')).toBe(true)
  }
  expect(nextName(`${'x'.repeat(60)}1`, 'k1')).not.toBe(nextName(`${'x'.repeat(60)}2`, 'k1'))
})

test('an id is short and plain', () => {
  for (const id of ['k1', '20261123180402', 'a-b']) expect(isRestoreId(id)).toBe(true)
  for (const id of ['', 'K1', '-a', 'a"b', 'a b', 'x'.repeat(17)]) expect(isRestoreId(id)).toBe(false)
})
