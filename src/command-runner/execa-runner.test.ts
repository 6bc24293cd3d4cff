import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Command } from '../ports/command-runner.ts'
import { ExecaRunner } from './execa-runner.ts'

const runner = new ExecaRunner()

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lastgood-runner-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function node(script: string, rest: Partial<Command> = {}): Command {
  return { program: process.execPath, args: ['-e', script], env: {}, timeoutMs: 60_000, ...rest }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('gives back code and output as they were', async () => {
  const result = await runner.run(node('console.log("out"); console.error("err"); process.exitCode = 3'))
  expect(result).toMatchObject({ outcome: 'exited', exitCode: 3, stdout: 'out\n', stderr: 'err\n' })
  expect(result.ms).toBeGreaterThan(0)
})

test('passes arguments on as they are: there is no shell', async () => {
  const args = ['a b', '$HOME', '; exit 9', '*', '"', "'", '\n', '']
  const { stdout } = await runner.run({
    ...node(''),
    args: ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...args],
  })
  expect(JSON.parse(stdout)).toEqual(args)
})

test('gives the child its environment and nothing of ours', async () => {
  const { stdout } = await runner.run(
    node('console.log(JSON.stringify(process.env))', { env: { ONLY: 'this' } }),
  )
  expect(JSON.parse(stdout)).toEqual({ ONLY: 'this' })
})

test('runs in the folder it is given, and finds the program on the PATH it is given', async () => {
  await writeFile(join(folder, 'here'), '#!/bin/sh\npwd\n', { mode: 0o755 })
  const command = { program: 'here', args: [], env: { PATH: folder }, cwd: folder, timeoutMs: 60_000 }
  expect(await runner.run(command)).toMatchObject({ outcome: 'exited', exitCode: 0, stdout: `${folder}\n` })
})

test('a program that is not there is an outcome', async () => {
  const missing = { program: 'no-such-program', args: [], env: { PATH: folder }, timeoutMs: 60_000 }
  expect(await runner.run(missing)).toMatchObject({
    outcome: 'not-found',
    exitCode: null,
    stderr: 'no-such-program: no such program',
  })
  const plain = join(folder, 'plain')
  await writeFile(plain, '', { mode: 0o600 })
  expect(await runner.run({ ...missing, program: plain })).toMatchObject({ outcome: 'not-found' })
})

test('a folder that is not there is no missing program', async () => {
  await expect(runner.run(node('', { cwd: join(folder, 'gone') }))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a program that a signal ended has the code of a shell', async () => {
  expect(await runner.run(node('process.kill(process.pid, "SIGKILL")'))).toMatchObject({
    outcome: 'exited',
    exitCode: 137,
  })
})

/** A child that ignores SIGTERM and has a child of its own that does, too. A shell: it is there long before its time is over. */
const STUBBORN = `trap '' TERM; stay() { while :; do sleep 1; done; }; stay & echo $$ $!; stay`

test.each([
  ['timed-out', (): Partial<Command> => ({ timeoutMs: 1_000 })],
  ['aborted', (): Partial<Command> => ({ signal: AbortSignal.timeout(1_000) })],
])('%s: everything it started is gone', async (outcome, limit) => {
  const stubborn = {
    program: '/bin/sh',
    args: ['-c', STUBBORN],
    env: { PATH: '/usr/bin:/bin' },
    timeoutMs: 60_000,
  }
  const result = await runner.run({ ...stubborn, ...limit() })
  expect(result.outcome).toBe(outcome)
  const pids = result.stdout.trim().split(' ').map(Number)
  expect(pids).toHaveLength(2)
  // An orphan answers until the first process of the machine has buried it, which some do late.
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 30_000 })
})

test('starts nothing once it is aborted', async () => {
  const result = await runner.run(node('console.log(1)', { signal: AbortSignal.abort() }))
  expect(result).toMatchObject({ outcome: 'aborted', stdout: '' })
})

test('is not held up by a daemon that keeps the pipes, and leaves it alone', async () => {
  const result = await runner.run(
    node(
      `
      const daemon = require('child_process').spawn('sleep', ['120'], { detached: true, stdio: 'inherit' })
      daemon.unref()
      console.log(daemon.pid)`,
      { env: { PATH: '/usr/bin:/bin' } },
    ),
  )
  const daemon = Number(result.stdout)
  try {
    expect(result).toMatchObject({ outcome: 'exited', exitCode: 0 })
    expect(result.ms).toBeLessThan(60_000)
    expect(isAlive(daemon)).toBe(true)
  } finally {
    process.kill(daemon, 'SIGKILL')
  }
})

test('appends all output to the log, for its owner only', async () => {
  const logFile = join(folder, 'build.log')
  await runner.run(node('console.log("one")', { logFile }))
  await runner.run(node('console.error("two")', { logFile }))
  expect(await readFile(logFile, 'utf8')).toBe('one\ntwo\n')
  expect((await stat(logFile)).mode & 0o777).toBe(0o600)
})

test('leaves secrets out of the log, also one that comes in two pieces, and the last line without an end', async () => {
  const logFile = join(folder, 'masked.log')
  const program = `process.stdout.write('a tok-'); setTimeout(() => process.stdout.write('8c1f b\\nlast tok-8c1f'), 50)`
  const { stdout } = await runner.run(node(program, { logFile, secrets: ['tok-8c1f'] }))
  expect(stdout).toBe('a tok-8c1f b\nlast tok-8c1f')
  expect(await readFile(logFile, 'utf8')).toBe('a *** b\nlast ***')
})

test('a log that cannot be written stops the program and is said', async () => {
  const endless = node('setInterval(() => console.log("x".repeat(100)), 5)', { logFile: '/dev/full' })
  await expect(runner.run(endless)).rejects.toMatchObject({ code: 'ENOSPC' })
})

test('keeps the last megabyte; the log has everything', async () => {
  const logFile = join(folder, 'build.log')
  const { stdout } = await runner.run(
    node('for (let i = 0; i < 400_000; i++) console.log("é" + i)', { logFile }),
  )
  expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(1024 * 1024)
  expect(Buffer.byteLength(stdout)).toBeGreaterThan(1024 * 1024 - 4)
  expect(stdout.endsWith('é399999\n')).toBe(true)
  expect(stdout).not.toContain('\uFFFD')
  expect((await readFile(logFile, 'utf8')).startsWith('é0\n')).toBe(true)
})
