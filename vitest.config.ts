import { defineConfig } from 'vitest/config'

/** Unit tests sit beside the code; the rest start real servers and are allowed to take their time. */
const tier = (name: string, include: string[], testTimeout: number) => ({
  test: { name, include, testTimeout, hookTimeout: 120_000 },
})

export default defineConfig({
  test: {
    projects: [
      tier('unit', ['src/**/*.test.ts', 'lab/**/*.test.ts', 'test/*.test.ts', 'test/golden/**/*.test.ts'], 20_000),
      tier('contract', ['test/contract/**/*.test.ts'], 120_000),
      tier('crash', ['test/crash/**/*.test.ts'], 180_000),
      tier('e2e', ['test/e2e/**/*.test.ts'], 180_000),
    ],
  },
})
