import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { waitUntil } from '../wait-until.ts'
import { identify, isRunning, listProcesses, parsePsLine, parseStat } from './process-table.mjs'

test('reads a line of /proc/<pid>/stat whose name has spaces and brackets', () => {
  const after = '1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 11 0 987654 1000 200'
  expect(parseStat(`42 (PM2 v7 (God) x) S ${after}`)).toEqual({
    pid: 42,
    state: 'S',
    parent: 1,
    started: '987654',
  })
})

test('reads a line of ps', () => {
  expect(parsePsLine('  42     1 Ss   Sun Nov 23 14:00:01 2026     node app.js A=1')).toEqual({
    pid: 42,
    parent: 1,
    state: 'Ss',
    started: 'Sun Nov 23 14:00:01 2026',
    command: 'node app.js A=1',
  })
  expect(parsePsLine('')).toBeUndefined()
})

test('a process is known by its pid and start time: the same pid with another start is somebody else', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    env: { MARKED: 'yes' },
    cwd: '/',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const pid = child.pid ?? 0
  const identity = await waitUntil(() => identify(pid), { what: 'the child' })

  expect(isRunning(identity)).toBe(true)
  expect(isRunning({ pid, started: `${identity.started}0` })).toBe(false)
  await waitUntil(
    () => listProcesses().some((each) => each.pid === pid && each.environment.includes('MARKED=yes')),
    {
      what: 'the environment of the child',
    },
  )
  expect(listProcesses().find((each) => each.pid === pid)).toMatchObject({ ...identity, parent: process.pid })

  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isRunning(identity)).toBe(false)
  expect(identify(pid)).toBeUndefined()
})
