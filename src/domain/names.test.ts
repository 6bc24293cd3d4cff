import { expect, test } from 'vitest'
import { isReleaseId, isServiceName } from './names.ts'

test.each(['my-store-api', 'a', 'Store_2', 'shop.example'])('%s is a service name', (name) => {
  expect(isServiceName(name)).toBe(true)
})

test.each(['', '.', '..', '.hidden', '-rf', 'a/b', 'a b', 'a\n', '../x', 'a\0', 'x'.repeat(64)])(
  '%j is no service name',
  (name) => {
    expect(isServiceName(name)).toBe(false)
  },
)

test.each(['r0', 'r', 'R1', 'r01', 'r1/../r2', '../r1', 'r1\n', 'r1 ', ''])('%j is no release id', (id) => {
  expect(isReleaseId(id)).toBe(false)
})

test('what nextReleaseId makes is a release id', () => {
  expect(['r1', 'r10', 'r999'].every(isReleaseId)).toBe(true)
})
