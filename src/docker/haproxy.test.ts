import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openHaproxy } from './haproxy.ts'
import { RouterFailed } from './router-failed.ts'

test('one that takes the question and never answers has failed when the time is over', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lg-haproxy-'))
  const socket = join(folder, 'admin.sock')
  const askers: Socket[] = []
  const server = createServer((asker) => askers.push(asker))
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  onTestFinished(async () => {
    for (const asker of askers) asker.destroy()
    server.close()
    await rm(folder, { recursive: true })
  })
  const asked = openHaproxy({ socket, backend: 'app' }, 50).servers()
  await expect(asked).rejects.toThrow(RouterFailed)
  await expect(asked).rejects.toThrow(`HAProxy does not answer at ${socket}: no answer`)
})
