import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { openLab } from '../../lab/open-lab.ts'
import { findWithin } from '../../lab/reaper/belonging.mjs'
import { listProcesses } from '../../lab/reaper/process-table.mjs'
import { waitUntil } from '../../lab/wait-until.ts'

const LAB = fileURLToPath(new URL('../../lab/open-lab.ts', import.meta.url))

/** Opens a lab with PostgreSQL and one PM2 app in cluster mode, says where it is, and stays. */
const SCRIPT = `
  import { writeFile } from 'node:fs/promises'
  import { openLab } from ${JSON.stringify(LAB)}
  const lab = await openLab({ name: 'child' })
  const postgres = await lab.postgres()
  const port = await lab.freePort()
  const app = lab.dir + '/app.js'
  await writeFile(app, "require('http').createServer((q, s) => s.end('ok')).listen(" + port + ", '127.0.0.1')")
  const started = await lab.pm2().run(['start', app, '--name', 'app', '-i', '2'])
  if (started.exitCode !== 0) throw new Error(started.stderr)
  const [app0] = await lab.pm2().list()
  console.log(JSON.stringify({ dir: lab.dir, postgres: postgres.pid, app: app0.pid, port }))
  setInterval(() => {}, 1000)
`

type Opened = { dir: string; postgres: number; app: number; port: number }

async function openLabInChild(): Promise<{ child: ChildProcess; opened: Opened }> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', SCRIPT], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // a process group of its own, as a terminal gives it
  })
  onTestFinished(() => void child.kill('SIGTERM'))
  const first = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  if (first.done) throw new Error('the child ended before its lab was open')
  const opened: Opened = JSON.parse(first.value)
  await waitUntil(async () => (await fetch(`http://127.0.0.1:${opened.port}`)).ok, {
    what: 'the app to answer',
  })
  const pids = findWithin(listProcesses(), opened.dir).map(({ pid }) => pid)
  expect(pids).toEqual(expect.arrayContaining([opened.postgres, opened.app]))
  return { child, opened }
}

function whatIsLeft(dir: string): string[] {
  const processes = findWithin(listProcesses(), dir).map(({ pid, command }) => `${pid} ${command}`)
  return existsSync(dir) ? [...processes, dir] : processes
}

async function expectNothingLeft(dir: string): Promise<void> {
  await waitUntil(() => whatIsLeft(dir).length === 0, {
    what: `nothing to be left of ${dir}`,
    timeoutMs: 20_000,
  }).catch(() => expect(whatIsLeft(dir)).toEqual([]))
}

test('nothing is left of a lab whose owner was killed', async () => {
  const { child, opened } = await openLabInChild()
  child.kill('SIGKILL')
  await expectNothingLeft(opened.dir)
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s, even twice, closes the lab, and then the process ends with %s', async (signal, exitCode) => {
  const { child, opened } = await openLabInChild()
  const exited = once(child, 'exit')
  process.kill(-Number(child.pid), signal) // the terminal tells the whole group, npm passes it on once more
  child.kill(signal)
  expect(await exited).toEqual([exitCode, null])
  expect(whatIsLeft(opened.dir)).toEqual([])
})

test('a lab that is closed leaves nothing behind; its PostgreSQL and PM2 work until then', async () => {
  const lab = await openLab({ name: 'closed' })
  onTestFinished(() => lab.close())
  expect(await lab.postgres()).toBe(await lab.postgres())
  const postgres = await lab.postgres()

  const url = await postgres.createDatabase('store "1"')
  expect(url).toBe(postgres.url('store "1"'))
  expect(await postgres.psql('store "1"', 'SELECT 1 + 1, current_database()')).toBe('2|store "1"')
  expect(await postgres.query('store "1"', 'SELECT $1::int AS n', [7])).toEqual([{ n: 7 }])
  await postgres.dropDatabase('store "1"')
  await expect(postgres.query('store "1"', 'SELECT 1')).rejects.toMatchObject({ code: '3D000' })

  const order: string[] = []
  lab.onClose(() => order.push('first'))
  lab.onClose(() => order.push('second'))
  expect(await lab.pm2().list()).toEqual([])
  await Promise.all([lab.close(), lab.close()])
  expect(order).toEqual(['second', 'first'])
  expect(whatIsLeft(lab.dir)).toEqual([])
  await expect(lab.postgres().then(({ pid }) => process.kill(pid, 0))).rejects.toThrow('ESRCH')
})

test('a process that was forgotten is ended, and is an error', async () => {
  const lab = await openLab({ name: 'forgetful' })
  const forgotten = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    detached: true,
    stdio: 'ignore',
    env: lab.env,
  })
  const ended = once(forgotten, 'exit')
  await expect(lab.close()).rejects.toThrow(`${forgotten.pid} ${process.execPath} -e`)
  expect(await ended).toEqual([null, 'SIGKILL'])
  expect(whatIsLeft(lab.dir)).toEqual([])
})

test('a closer that fails does not keep the others from closing', async () => {
  const lab = await openLab({ name: 'failing' })
  const closed: string[] = []
  lab.onClose(() => closed.push('older'))
  lab.onClose(() => Promise.reject(new Error('cannot close')))
  await expect(lab.close()).rejects.toThrow('cannot close')
  expect(closed).toEqual(['older'])
  expect(existsSync(lab.dir)).toBe(false)
})
