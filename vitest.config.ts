import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/setup/longest-first.ts'

const SECOND = 1_000

/** Unit tests sit beside the code; the rest start real servers and are allowed to take their time. */
const unit = {
  name: 'unit',
  include: ['src/**/*.test.ts', 'lab/**/*.test.ts', 'test/*.test.ts', 'test/golden/**/*.test.ts'],
  testTimeout: 20 * SECOND,
  hookTimeout: 120 * SECOND,
  // A hundred small files, whose start would take longer than what they do: a worker keeps what it has loaded.
  isolate: false,
}

const real = (name: string, testTimeout: number) => ({
  name,
  include: [`test/${name}/**/*.test.ts`],
  globalSetup: ['test/setup/real-things.ts'],
  testTimeout,
  hookTimeout: 120 * SECOND,
})

export default defineConfig({
  test: {
    // Twice as many as CI has cores: these tests wait for other programs most of the time.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: unit },
      { test: real('contract', 120 * SECOND) },
      { test: real('crash', 180 * SECOND) },
      { test: real('e2e', 180 * SECOND) },
    ],
  },
})
