import { Agent, request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../lab/wait-until.ts'
import { listAgents } from '../../src/agent-client/agent-client.ts'
import { runFolderPath } from '../../src/agent-client/run-folder.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { say, stepsOf, unitsOf } from '../support/trap-watch.ts'

let service: TinyService

beforeAll(async () => {
  service = await openTinyService('drain', { drainTimeout: '60s' })
  await service.commit('1.0.0')
  await service.ok('deploy', '--yes')
  await service.commit('1.1.0')
  await service.ok('deploy', '--yes')
})
afterAll(() => service.close())

interface Answer {
  status: number | null
  error: string | null
  ms: number
}

function ask(path: string, agent: Agent): Promise<Answer> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    const end = (status: number | null, error: string | null) =>
      resolve({ status, error, ms: performance.now() - startedAt })
    const sent = request(service.url + path, { agent }, (response) => {
      response.resume()
      response.once('end', () => end(response.statusCode ?? 0, null))
      response.once('error', (error) => end(null, String(error)))
    })
    sent.once('error', (error) => end(null, String(error)))
    sent.end()
  })
}

/** Asked at once: a command takes as long as the request. */
async function inFlight(): Promise<number> {
  const agents = await listAgents(runFolderPath(service.home, 'tiny'))
  return agents.reduce((sum, { status }) => sum + (status?.inFlight ?? 0), 0)
}

async function rollBackUnder(path: string, to: string) {
  const agent = new Agent({ keepAlive: true })
  const answered = ask(path, agent)
  await waitUntil(async () => (await inFlight()) === 1, { what: 'the request to be under way' })
  await service.ok('rollback', to, '--yes')
  const answer = await answered
  agent.destroy()
  const [stop] = (await stepsOf(service, 'stop-old')).slice(-1)
  return { answer, evidence: stop?.evidence }
}

test('a request that ends within the drain timeout is answered by the release that has it', async () => {
  const { answer, evidence } = await rollBackUnder('/slow/1800', 'r1')
  expect(answer).toMatchObject({ status: 200, error: null })
  expect(evidence).not.toHaveProperty('cutConnections')
})

test('one that takes longer is cut only after the timeout, and that is said', async () => {
  await service.configure({ drainTimeout: '1500ms' })
  await service.ok('releases', 'mark', 'proven', 'r2', '--reason', 'again', '--yes')
  const { answer, evidence } = await rollBackUnder('/slow/120000', 'r2')
  expect(answer.status).toBeNull()
  expect(answer.ms).toBeGreaterThan(1_500)
  expect(evidence).toMatchObject({ stopped: 'tiny-r1', cutConnections: true })
  expect(await unitsOf(service)).toEqual(['tiny-r2', 'tiny-r2'])
})

test('kept connections on which nothing is asked do not make anybody wait for the whole timeout', async () => {
  await service.configure({ drainTimeout: '60s' })
  await service.ok('releases', 'mark', 'proven', 'r1', '--reason', 'again', '--yes')
  const agent = new Agent({ keepAlive: true, maxSockets: 6 })
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask('/slow/50', agent)))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  const startedAt = performance.now()
  await service.ok('rollback', 'r1', '--yes')
  const ms = Math.round(performance.now() - startedAt)
  agent.destroy()
  expect(ms).toBeLessThan(60_000)
  const [stop] = (await stepsOf(service, 'stop-old')).slice(-1)
  expect(stop?.evidence).not.toHaveProperty('cutConnections')
  say(`a rollback with six idle kept connections: ${ms} ms in all`)
})
