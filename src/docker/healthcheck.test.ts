import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { healthcheckLine } from './healthcheck.ts'

test('is a line that Compose can read as it is', () => {
  const line = healthcheckLine(3000, { health: { live: '/live', database: null, ready: '/ready' } })
  const { healthcheck } = parse(`services:\n  app:\n    ${line}\n`).services.app
  expect(healthcheck.test.slice(0, 3)).toEqual(['CMD', 'node', '-e'])
  expect(healthcheck.test[3]).toContain("fetch('http://127.0.0.1:3000/ready')")
})
