import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFakeClock } from '../../../../test/support/fake-clock.ts'
import type { Container } from '../../../docker/containers.ts'
import { createHaproxyRouter } from './haproxy.ts'

const HEAD = '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_check_state'

/** HAProxy's runtime API, of a backend in which `new` is down and about to hear that its last check failed. */
async function listen(): Promise<{ socket: string; told: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'lg-haproxy-'))
  const told: string[] = []
  // Operation, and whether a check is under way.
  let now = [0, 1]
  const server = createServer({ allowHalfOpen: true }, (asker) => {
    asker.once('data', (data) => {
      const command = String(data).trim()
      if (!command.startsWith('show')) told.push(command)
      if (command.endsWith('health up')) now = [2, now[1] ?? 0]
      asker.end(command.startsWith('show') ? state(now) : '\n')
      // What began before comes to its end.
      if (command.startsWith('show') && now[0] === 2 && now[1] === 1) now = [0, 0]
    })
  })
  const socket = join(folder, 'admin.sock')
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  onTestFinished(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })
  return { socket, told }
}

const state = ([operation, check]: number[]) =>
  `1\n${HEAD}\n3 app 1 old 10.0.0.1 2 0 6\n3 app 2 new 10.0.0.2 ${operation} 0 ${6 + (check ?? 0)}\n`

test('the others go on until the last check that began before the new ones listened has ended', async () => {
  const { socket, told } = await listen()
  const router = createHaproxyRouter({ socket, backend: 'app' }, createFakeClock())
  await router.sendTo([{ ips: ['10.0.0.2'] } as Container], 1_000)
  expect(told).toEqual([
    'set server app/new health up',
    'set server app/new health up',
    'set server app/old state drain',
  ])
})
