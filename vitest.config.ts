import { defineConfig } from 'vitest/config'

const SECOND = 1_000

/** Unit tests sit beside the code; the rest start real servers and are allowed to take their time. */
const unit = {
  name: 'unit',
  include: ['src/**/*.test.ts', 'lab/**/*.test.ts', 'test/*.test.ts', 'test/golden/**/*.test.ts'],
  testTimeout: 20 * SECOND,
  hookTimeout: 120 * SECOND,
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
    // Vitest leaves a core free; these tests wait for other programs most of the time.
    maxWorkers: 3,
    projects: [
      { test: unit },
      { test: real('contract', 120 * SECOND) },
      { test: real('crash', 180 * SECOND) },
      { test: real('e2e', 180 * SECOND) },
    ],
  },
})
