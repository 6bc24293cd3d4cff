import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { bootsInFives, healthcheckLine } from './healthcheck.ts'

test('is a line that Compose can read as it is', () => {
  const line = healthcheckLine(3000, { health: { live: '/live', database: null, ready: '/ready' } })
  const { healthcheck } = parse(`services:\n  app:\n    ${line}\n`).services.app
  expect(healthcheck.test.slice(0, 3)).toEqual(['CMD', 'node', '-e'])
  expect(healthcheck.test[3]).toContain("fetch('http://127.0.0.1:3000/ready')")
})

test('newer engines look at what starts every five seconds, unless they are told more', () => {
  const quick = { Interval: 1e9, StartPeriod: 20e9 }
  expect(bootsInFives(quick, '1.44')).toBe(true)
  expect(bootsInFives(quick, '1.41'), 'an engine before 25').toBe(false)
  expect(bootsInFives({ ...quick, StartInterval: 5e8 }, '1.45')).toBe(false)
  expect(bootsInFives({ Interval: 1e9 }, '1.45'), 'no start period: its interval counts').toBe(false)
  expect(bootsInFives({ ...quick, Interval: 30e9 }, '1.45')).toBe(false)
  expect(bootsInFives({}, '1.45')).toBe(false)
})
