import { expect, test } from 'vitest'
import { openFakeService } from '../../test/support/fake-service.ts'
import { foldIncidents } from '../domain/incident/fold-incidents.ts'
import type { CachePurger, Purged } from '../ports/cache-purger.ts'

async function rolledBack(answers: Purged[]) {
  const asked: string[] = []
  const cache: CachePurger = {
    check: async () => [],
    async purge({ directory }) {
      asked.push(directory)
      return answers
    },
  }
  const service = openFakeService({ cache })
  await service.deploy('none:1')
  await service.mark('proven', 'r1')
  await service.deploy('none:2')
  const outcome = await service.rollback(null)
  const [incident] = foldIncidents('store', await service.journal.read({ service: 'store' })).incidents
  return { outcome, incident, asked }
}

const redis = { what: 'redis 127.0.0.1:6379/0 product:*', ok: true, keys: 7, detail: '7 keys' }

test('a rollback empties the caches between the switch and the verification, and that ticks the item', async () => {
  const { outcome, incident, asked } = await rolledBack([redis])
  expect(outcome.status).toBe('succeeded')
  const kinds = outcome.run.plan.steps.map(({ kind }) => kind)
  expect(kinds.slice(kinds.indexOf('switch-traffic'), kinds.indexOf('verify') + 1)).toEqual([
    'switch-traffic',
    'clear-cache',
    'verify',
  ])
  expect(asked[0]).toContain('r1')
  expect(incident?.evidence['cache-cleared']).toMatchObject({
    text: `${redis.what}, 7 keys`,
    needless: false,
  })
})

test('a cache that cannot be emptied stops nothing, and leaves the item to a person', async () => {
  const { outcome, incident } = await rolledBack([
    { ...redis, ok: false, keys: null, detail: 'ECONNREFUSED' },
  ])
  expect(outcome.status).toBe('succeeded')
  expect(outcome.run.steps['clear-cache']?.status).toBe('failed')
  expect(incident?.evidence['cache-cleared']).toBeUndefined()
  expect(incident?.timeline.map(({ text }) => text).join('\n')).toMatch(/clear-cache failed: .*ECONNREFUSED/)
})
