import { expect, test } from 'vitest'
import { parseJlist } from './parse-jlist.ts'

const store = {
  name: 'store',
  pm_id: 0,
  pid: 42,
  pm2_env: { status: 'online', exec_mode: 'cluster_mode' },
  monit: {},
}

test('reads the list', () => {
  expect(parseJlist(JSON.stringify([store]))).toEqual([store])
})

test('an empty list is a list', () => {
  expect(parseJlist('[]\n')).toEqual([])
})

test('skips what PM2 says before it', () => {
  const stdout = `>>>> In-memory PM2 is out-of-date, do:\n[PM2] Spawning PM2 daemon\n[PM2] done\n${JSON.stringify([store])}\n`
  expect(parseJlist(stdout)).toEqual([store])
})

test('no list is an error that shows what was printed', () => {
  expect(() => parseJlist('[PM2][ERROR] connect ENOENT')).toThrow('[PM2][ERROR] connect ENOENT')
})
