import { expect, test } from 'vitest'
import { isDebianLike } from './install-postgres.ts'

test.each([
  ['NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n', true],
  ['ID=ubuntu\nID_LIKE=debian\n', true],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
  ['ID="fedora"\nVARIANT_ID=server\n', false],
  ['ID=alpine\nHOME_URL="https://example.test/debian"\n', false],
  ['', false],
])('%j: %s', (osRelease, expected) => {
  expect(isDebianLike(osRelease)).toBe(expected)
})
