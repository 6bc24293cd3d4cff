import { writeFile } from 'node:fs/promises'
import { makeStoreHistory } from './lab/history/make-store-history.ts'
import { openLab } from './lab/open-lab.ts'
import { run } from './lab/run.ts'

const lab = await openLab({ name: 'try' })
try {
  const pg = await lab.postgres()
  const url = await pg.createDatabase('store')
  const port = await lab.freePort()
  const repo = `${lab.dir}/store`
  await makeStoreHistory(repo)
  const pm2 = lab.pm2()
  const env = { ...pm2.env, ...lab.env, DATABASE_URL: url, PORT: String(port), LASTGOOD_HOME: `${lab.dir}/home` }
  await writeFile(`${repo}/lastgood.yaml`, `
service: my-store-api
url: http://127.0.0.1:${port}
build: [npm ci, npm run build, npm prune --omit=dev]
runtime: { kind: pm2, app: my-store-api, ecosystem: ecosystem.config.cjs, program: ${pm2.bin}, home: ${pm2.home}, port: ${port} }
env: { DATABASE_URL: "\${DATABASE_URL}", PORT: "${port}", HOST: 127.0.0.1 }
health: { live: /health, database: /health/db, ready: /health/ready }
smoke: [GET /products, GET /categories]
verify: { window: 2s }
bake: 3s
standby: ${process.env.STANDBY ?? 'none'}
`)
  const lg = async (...args: string[]) => {
    const r = await run(process.execPath, [`${process.cwd()}/dist/bin.js`, ...args], { cwd: repo, env, timeoutMs: 120000 })
    console.log(`\n$ lastgood ${args.join(' ')}   -> ${r.exitCode} in ${r.ms} ms\n${r.stdout}${r.stderr}`)
    return r
  }
  await lg('doctor')
  const r0 = await run('npm', ['ci'], { cwd: repo, env: { ...process.env as any, ...env }, timeoutMs: 60000 })
  await run('npm', ['run', 'db:migrate:up'], { cwd: repo, env: { ...process.env as any, ...env } })
  console.log((await run('npm', ['run', 'db:seed'], { cwd: repo, env: { ...process.env as any, ...env } })).stderr)
  await pm2.run(['ping'])
  await lg('deploy', 'good-1', '--yes')
  await lg('deploy', 'good-2', '--plan')
  await lg('deploy', 'good-2', '--yes')
  await lg('status')
  await lg('deploy', 'bad-errors', '--yes', '--no-wait')
  await lg('rollback', '--plan')
  await lg('rollback', '--yes', '--reason', 'errors')
  await lg('releases')
  await lg('rollback', '--yes')
  await lg('verify')
  await lg('doctor')
  await lg('runbook')
  await lg('journal', 'verify')
  if (process.env.KEEP) { console.log(lab.dir, env); await new Promise(() => {}) }
} finally {
  await lab.close()
}
