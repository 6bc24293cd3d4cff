import { mkdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Lab } from '../open-lab.ts'
import { findProgram } from '../postgres/install-postgres.ts'
import { startProgram } from '../start-program.ts'
import { waitUntil } from '../wait-until.ts'

const PLACES = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/usr/bin/valkey-server']

/** A private Redis in memory, with a password. */
export async function startRedis(lab: Lab): Promise<{ url: string; port: number; password: string }> {
  const program = await findProgram('Redis', 'redis-server', PLACES)
  const port = await lab.freePort()
  const dir = join(lab.dir, `redis-${port}`)
  await mkdir(dir, { mode: 0o700 })
  const password = 'redis-secret'
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--requirepass',
    password,
    '--save',
    '',
    '--dir',
    dir,
  ]
  await startProgram(lab, program, args, { log: join(dir, 'log') })
  await waitUntil(() => accepts(port), { what: `Redis on port ${port}` })
  return { url: `redis://:${password}@127.0.0.1:${port}/1`, port, password }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
