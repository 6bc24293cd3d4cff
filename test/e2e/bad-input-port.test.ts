import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { eventsOf, expectRefusal, lookAt } from './refusal.ts'

let service: TinyService
let file: string

beforeAll(async () => {
  service = await openTinyService('bad-port')
  file = join(service.repo, 'lastgood.yaml')
  await service.commit('1.0.0')
})
afterAll(() => service.close())

async function listenOn(port: number): Promise<AsyncDisposable> {
  const stranger = createServer((_, response) => response.end('"somebody else"'))
  await new Promise<void>((resolve) => void stranger.listen(port, '127.0.0.1', resolve))
  return {
    async [Symbol.asyncDispose]() {
      stranger.closeAllConnections()
      await new Promise((resolve) => void stranger.close(resolve))
    },
  }
}

test('a stranger holds the port before the first deploy', async () => {
  await using _ = await listenOn(service.port)
  const ran = await service.lastgood(['deploy', '--yes'])
  expect(ran.exit, ran.stdout).toBe(23)
  expect(ran.stdout).toMatch(/\(PORT_TAKEN\)\n {2}Port \d+ is held by a process that is not the service/)
  expect(ran.stdout).toContain(`Next: ss -ltnp "sport = :${service.port}"`)
  expect(ran.stdout.trimEnd()).toMatch(/\nServing now: nothing$/)
  expect(await lookAt(service, { built: true })).toMatchObject({ units: [], version: null })
  expect((await eventsOf(service)).filter((type) => type === 'ReleaseWentLive')).toEqual([])
  expect((await eventsOf(service)).at(-1)).toBe('RunPutBack')
})

test('a stranger holds the port the next release wants: what serves does not notice', async () => {
  expect((await service.ok('deploy', '--yes')).json).toMatchObject({ plan: { from: null, to: 'r2' } })
  await service.commit('1.1.0')
  const good = await readFile(file, 'utf8')
  const port = await service.lab.freePort()
  await using _ = await listenOn(port)
  await writeFile(file, good.replaceAll(String(service.port), String(port)))

  const before = await lookAt(service, { built: true })
  const ran = await service.lastgood(['deploy', '--yes', '--json'])
  expect(ran.json, ran.stdout).toMatchObject({ exit: 23, code: 'PORT_TAKEN', outcome: 'put-back' })
  expect(ran.json.message).toContain(`Port ${port} is held by a process that is not the service`)
  expect(ran.json.serving).toMatchObject({
    text: expect.stringMatching(/^r2 \(v1\.0\.0, \w{7}\) on 2 instances$/),
  })
  expect(await lookAt(service, { built: true })).toEqual({ ...before, events: expect.anything() })
  expect((await eventsOf(service)).at(-1)).toBe('RunPutBack')
  await writeFile(file, good)
})

test('a second service cannot have the PM2 app of the first in the same home', async () => {
  const other = join(service.repo, 'other.yaml')
  await writeFile(other, (await readFile(file, 'utf8')).replace('service: tiny', 'service: other'))
  for (const more of [['--yes'], ['--plan']]) {
    await expectRefusal(service, ['deploy', ...more, '--config', 'other.yaml'], {
      code: 'CLAIMED',
      exit: 16,
      says: /pm2 app tiny in .* belongs to the service tiny in this home/,
      hint: /runtime\.app .*other/,
      serving: /2 instances serve something unknown \(tiny-r2\)/,
    })
  }
  expect(await eventsOf(service, 'other')).toEqual([])
  await expectRefusal(service, ['rollback', '--yes', '--config', 'other.yaml'], {
    code: 'NOTHING_LIVE',
    exit: 11,
    says: /no release of other that serves/,
    hint: /lastgood deploy/,
    serving: /2 instances serve something unknown \(tiny-r2\)/,
  })
})
