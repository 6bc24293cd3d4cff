import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editDistance, nearestName } from './nearest-name.ts'

const KNOWN = ['runtime', 'nodeArgs', 'env', 'health', 'portVariable']

test('finds what was meant', () => {
  expect(
    ['runtme', 'Runtime', 'node_args', 'nodeArg', 'evn', 'helath'].map((name) => nearestName(name, KNOWN)),
  ).toEqual(['runtime', 'runtime', 'nodeArgs', 'nodeArgs', 'env', 'health'])
})

test('guesses nothing that is not near', () => {
  for (const name of ['', 'x', 'docker', 'port', 'database'])
    expect(nearestName(name, KNOWN), name).toBeNull()
})

test('is a distance', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      const distance = editDistance(a, b)
      expect(distance).toBe(editDistance(b, a))
      expect(distance === 0).toBe(a === b)
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
    }),
  )
})
