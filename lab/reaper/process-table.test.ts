import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
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

test('one that has ended answers nobody any more, though its threads end one after the other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ending-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  // Not once but often: which thread goes first is for the kernel to say.
  for (let i = 0; i < 20; i++) {
    const path = join(folder, `${i}.sock`)
    // Its parent never looks after it, so that it stays as a zombie; a busy heap has its helper threads at work.
    const server = `require('net').createServer().listen(${JSON.stringify(path)}); setInterval(() => Array.from({ length: 1e5 }, (_, i) => ({ i })), 1)`
    const parent = spawn('sh', ['-c', '"$0" -e "$1" & echo $!; exec sleep 60', process.execPath, server])
    onTestFinished(() => void parent.kill('SIGKILL'))
    const pid = Number(String((await once(parent.stdout, 'data'))[0]))
    const identity = await waitUntil(() => identify(pid), { what: 'the server' })
    await waitUntil(() => answers(path), { what: 'its answer' })
    process.kill(pid, 'SIGKILL')
    while (isRunning(identity)) await turn()
    expect(await answers(path)).toBe(false)
    parent.kill('SIGKILL')
  }
})

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
