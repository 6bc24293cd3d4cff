import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { freePort } from './free-port.ts'
import { runOrFail } from './run.ts'

test('never gives the same port twice, and each can be listened on', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort))
  expect(new Set(ports).size).toBe(50)

  const server = createServer().listen(ports[0], '127.0.0.1')
  await once(server, 'listening')
  server.close()
})

test('another process cannot claim a port that is claimed here', async () => {
  const port = await freePort()
  const script = `require('node:dgram').createSocket('udp4').on('error', (e) => console.log(e.code)).bind(${port}, '127.0.0.1')`
  await expect(runOrFail(process.execPath, ['-e', script])).resolves.toBe('EADDRINUSE')
})

test('does not keep the process alive', async () => {
  const module = fileURLToPath(new URL('./free-port.ts', import.meta.url))
  const script = `import(${JSON.stringify(module)}).then(({ freePort }) => freePort()).then(console.log)`
  await expect(runOrFail(process.execPath, ['--import', 'tsx', '-e', script])).resolves.toMatch(/^\d+$/)
})
