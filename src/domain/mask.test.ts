import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maskSecrets, maskText } from './mask.ts'

test('in every string of a value, however deep, and nowhere else', () => {
  const value = { url: 'postgres://app:hunter22@db/store', list: ['hunter22', 7, null], deep: { a: true } }
  expect(maskSecrets(value, ['hunter22'])).toEqual({
    url: 'postgres://app:***@db/store',
    list: ['***', 7, null],
    deep: { a: true },
  })
})

test('also in the forms a secret has inside a URL', () => {
  expect(maskText('?key=a%2Fb%20c%26d and a/b c&d', ['a/b c&d'])).toBe('?key=*** and ***')
})

test('without secrets nothing is touched', () => {
  const value = { a: 'b' }
  expect(maskSecrets(value, [])).toBe(value)
})

test('whatever the text, no secret is left in it', () => {
  const secret = fc.string({ minLength: 8 }).filter((text) => !text.includes('*'))
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 3 }), fc.string(), (secrets, noise) => {
      const masked = JSON.stringify(maskSecrets({ noise, all: secrets.join(noise) }, secrets))
      for (const each of secrets) {
        if (noise.includes(each)) continue
        expect(JSON.parse(masked).all).not.toContain(each)
      }
    }),
  )
})
