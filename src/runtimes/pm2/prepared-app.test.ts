import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import { ExecaRunner } from '../../command-runner/execa-runner.ts'
import { type ProcessFile, startArgs } from './commands.ts'
import { callDaemon } from './pm2-daemon.ts'
import { Pm2Program } from './pm2-program.ts'
import { preparedApp } from './prepared-app.ts'

let lab: Lab
let pm2: Pm2Program
beforeAll(async () => {
  lab = await openLab({ name: 'prepared-app' })
  const { bin, home, env } = lab.pm2()
  pm2 = new Pm2Program(
    { program: bin, project: lab.dir, home, env: { ...process.env, ...env } },
    new ExecaRunner(),
  )
  await writeFile(join(lab.dir, 'app.js'), 'setInterval(() => {}, 1000)\n')
  await writeFile(join(lab.dir, 'preload.cjs'), '')
  await pm2.runOrFail(['ping'], 20_000)
})
afterAll(() => lab.close())

const fileWith = (changes: Record<string, unknown>): ProcessFile => ({
  apps: [
    {
      name: 'my shop-r1',
      namespace: 'my shop',
      script: join(lab.dir, 'app.js'),
      cwd: lab.dir,
      args: ['--name', 'a b', ''],
      exec_mode: 'cluster',
      instances: 2,
      node_args: ['--require', join(lab.dir, 'preload.cjs')],
      env: { PORT: '3000', EMPTY: '', UMLAUT: 'ü "quoted"' },
      filter_env: [''],
      merge_logs: true,
      out_file: join(lab.dir, 'out.log'),
      error_file: join(lab.dir, 'error.log'),
      wait_ready: false,
      vizion: false,
      watch: false,
      ...changes,
    },
  ],
})

/** What differs from one start to the next. */
const VOLATILE = /^(pm_id|pm_uptime|created_at|unique_id|axm_\w+|status|version|node_version|command)$/

async function settings(): Promise<unknown[]> {
  const rows = (await callDaemon(join(pm2.home, 'rpc.sock'), 'getMonitorData', {}, 20_000)) as {
    pm2_env: Record<string, unknown> & { env: Record<string, unknown> }
  }[]
  const stable = (record: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !VOLATILE.test(name)))
  return rows.map(({ pm2_env }) => ({ ...stable(pm2_env), env: stable(pm2_env.env) }))
}

test.each([
  ['cluster mode', {}],
  [
    'fork mode, a probe copy',
    { exec_mode: 'fork', instances: 1, autorestart: false, node_args: [], args: [] },
  ],
  [
    'with options',
    {
      max_memory_restart: '200M',
      kill_timeout: 5_000,
      max_restarts: 3,
      min_uptime: '5s',
      exp_backoff_restart_delay: 50,
    },
  ],
])('the daemon is asked for what the command would ask for: %s', async (_, changes) => {
  const file = fileWith(changes)
  expect(await pm2.start(file, 20_000)).toBe(true)
  const asked = await settings()
  await pm2.runOrFail(['delete', 'all'], 20_000)

  const path = join(lab.dir, 'process.json')
  await writeFile(path, JSON.stringify(file))
  await pm2.runOrFail(startArgs(path), 20_000)
  const commanded = await settings()
  await pm2.runOrFail(['delete', 'all'], 20_000)
  expect(asked).toEqual(commanded)
  expect(asked).toHaveLength(Number(file.apps[0].instances))
})

test.each([
  ['an option that is not known', { cron_restart: '0 0 * * *' }],
  ['a value in another form', { kill_timeout: '5s' }],
  ['a script of another kind', { script: '/srv/app.ts' }],
  ['a log that is not absolute', { out_file: 'out.log' }],
])('the command is left to start %s', (_, changes) => {
  expect(preparedApp(fileWith(changes), '/home/me/.pm2', 'me')).toBeNull()
})
