import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/setup/longest-first.ts'

const SECOND = 1_000
/** Of `expect.poll`: as patient as lab/wait-until.ts. */
const expecting = { poll: { timeout: 30 * SECOND } }

/** A worker keeps what it has loaded: for many a file its start takes longer than what it does. */
const isolate = false

/**
 * Unit tests sit beside the code; the rest start real servers. The limits are for what hangs: a machine on which everything
 * takes ten times as long fails nobody.
 */
const unit = {
  name: 'unit',
  include: ['src/**/*.test.ts', 'lab/**/*.test.ts', 'test/*.test.ts', 'test/golden/**/*.test.ts'],
  testTimeout: 90 * SECOND,
  hookTimeout: 300 * SECOND,
  expect: expecting,
  isolate,
}

const real = (name: string, testTimeout: number) => ({
  name,
  isolate,
  include: [`test/${name}/**/*.test.ts`],
  globalSetup: ['test/setup/real-things.ts'],
  testTimeout,
  hookTimeout: 600 * SECOND,
  expect: expecting,
})

export default defineConfig({
  test: {
    // Twice as many as CI has cores: these tests wait for other programs most of the time.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: unit },
      { test: real('contract', 300 * SECOND) },
      { test: real('crash', 600 * SECOND) },
      { test: real('e2e', 600 * SECOND) },
    ],
  },
})
