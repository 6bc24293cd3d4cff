import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Those that take longest. Begun last, one of them would run alone at the end while the other workers have nothing to do.
 * Between the first that needs the migration tools and the next is the time in which it installs them for all.
 */
const LONGEST = [
  'test/e2e/watch.test.ts',
  'test/contract/runtime.test.ts',
  'test/e2e/compose.test.ts',
  'test/contract/runtime-docker.test.ts',
  'test/e2e/database-way-back.test.ts',
  'test/crash/database.test.ts',
  'test/e2e/swarm-standby.test.ts',
  'src/rehearse/rehearse-tools.test.ts',
  'test/e2e/rehearsal.test.ts',
  'test/e2e/incident.test.ts',
  'test/crash/ways.test.ts',
  'src/database/migrations/refusals.test.ts',
  'test/crash/rollback.test.ts',
  'src/database/salvage/salvage-store.test.ts',
  'test/crash/deploy.test.ts',
  'src/database/migrations/migrations.test.ts',
]

/** Without a cache of the last run, as in CI, Vitest would begin with the largest files. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(name))
      return at === -1 ? LONGEST.length : at
    }
    return sorted.toSorted((a, b) => place(a) - place(b))
  }
}
