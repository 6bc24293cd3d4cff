import { expect, test } from 'vitest'
import { run, runOrFail } from './run.ts'

const node = (script: string) => ['-e', script]

test('returns what the program printed and its exit code', async () => {
  const script = 'console.log(1); console.error(2); process.exitCode = 3'
  const ran = await run(process.execPath, node(script))
  expect(ran).toMatchObject({ stdout: '1', stderr: '2', exitCode: 3 })
  expect(ran.ms).toBeGreaterThan(0)
})

test('passes arguments as they are: there is no shell', async () => {
  const { stdout } = await run(process.execPath, ['-p', 'process.argv[1]', '$(id) `id` "; exit 1'])
  expect(stdout).toBe('$(id) `id` "; exit 1')
})

test('an environment that is given is the whole environment', async () => {
  const { stdout } = await run(process.execPath, ['-p', 'Object.keys(process.env).sort().join()'], {
    env: { ONLY: '1' },
  })
  expect(stdout).toBe('ONLY')
})

test('a signal counts as 128 + its number', async () => {
  const { exitCode } = await run(
    process.execPath,
    node('process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)'),
  )
  expect(exitCode).toBe(143)
})

test('kills a program that does not end in time, and says so', async () => {
  await expect(
    run(process.execPath, node('setInterval(() => {}, 1000)'), { timeoutMs: 300 }),
  ).rejects.toThrow('did not end within 300 ms')
})

test('a program that does not exist is an error, not an exit code', async () => {
  await expect(run('no-such-program', [])).rejects.toThrow('"no-such-program" could not be started')
})

test('runOrFail fails with what the program said', async () => {
  await expect(
    runOrFail(process.execPath, node('console.error("why"); process.exitCode = 1')),
  ).rejects.toThrow('why')
})
