import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab } from '../open-lab.ts'
import { startProgram } from '../start-program.ts'
import { waitUntil } from '../wait-until.ts'

/** A registry of the lab's own, on loopback. @param closed nobody's login is any good @returns `127.0.0.1:5000` */
export async function startRegistry(
  lab: Lab,
  program: string,
  { closed = false, host = '127.0.0.1' } = {},
): Promise<string> {
  const port = await lab.freePort()
  const dir = join(lab.dir, `registry-${port}`)
  await mkdir(dir)
  const config = join(dir, 'config.yml')
  const storage = { filesystem: { rootdirectory: join(dir, 'data') } }
  const users = join(dir, 'users')
  await writeFile(users, '')
  const auth = closed ? { auth: { htpasswd: { realm: 'lab', path: users } } } : {}
  const http = { addr: `${host}:${port}` }
  await writeFile(config, JSON.stringify({ version: 0.1, storage, http, ...auth }))
  await startProgram(lab, program, ['serve', config], { log: join(dir, 'log') })
  const isUp = () => fetch(`http://${host}:${port}/v2/`).then(({ status }) => status === (closed ? 401 : 200))
  await waitUntil(isUp, { what: 'the registry' })
  return `${host}:${port}`
}
