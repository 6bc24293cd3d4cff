import type { Lab } from '../../lab/open-lab.ts'
import { ExecaRunner } from '../../src/command-runner/execa-runner.ts'
import { createCheckpoints } from '../../src/database/checkpoints/file-checkpoints.ts'
import { createTrialDatabases } from '../../src/database/rehearsal/create-trial-databases.ts'
import type { Proof } from '../../src/domain/proof.ts'
import type { ReleaseId } from '../../src/domain/release.ts'
import type { Prober } from '../../src/ports/prober.ts'
import { rehearse } from '../../src/rehearse/rehearse.ts'
import { systemClock } from '../../src/system/system-clock.ts'
import { createFakeRuntime } from './fake-runtime.ts'
import type { DescribedRelease, MigrationShop } from './migration-shop.ts'
import { launchFor } from './temporary-project.ts'

export interface RehearsalWithoutRuntime {
  checkpoint(): Promise<void>
  rehearse(release: ReleaseId, back: ReleaseId | null): Promise<Proof>
}

/** The database is real, the releases are only said to boot: for what is about migrations alone. */
export function openRehearsalWithoutRuntime(
  lab: Lab,
  shop: Pick<MigrationShop, 'url' | 'migrations'>,
  releases: Record<ReleaseId, DescribedRelease>,
): RehearsalWithoutRuntime {
  const { url } = shop
  const crash = () => {}
  const shared = {
    service: 'shop',
    url,
    adminUrl: null,
    jobs: 1,
    env: process.env,
    runner: new ExecaRunner(),
    crash,
  }
  const folder = `${lab.dir}/checkpoints-${new URL(url).pathname.slice(1)}`
  const rule = { keep: 1, maxAgeMs: 1e12, maxBytes: null }
  const checkpoints = createCheckpoints({ ...shared, pgbouncerUrl: null, folder, rule, clock: systemClock })
  const { signal } = new AbortController()
  const ports = {
    trials: createTrialDatabases({ ...shared, pooled: false, folderOf: checkpoints.folderOf }),
    checkpoints,
    migrations: shop.migrations,
    store: {
      schema: async () => null,
      launchRecord: async (_service: string, release: ReleaseId) => {
        const files = releases[release]?.files
        if (files === undefined) throw new Error(`there is no ${release}`)
        return launchFor(files.directory, { env: { ...files.env } })
      },
    },
    runtime: createFakeRuntime({ clock: systemClock }),
    prober: {
      probe: async () => ({ outcome: 'passed', evidence: '200', ms: 1 }),
      probeFlow: async () => ({
        outcome: 'passed',
        evidence: '0 steps',
        ms: 0,
        late: false,
        leftBehind: null,
      }),
    } satisfies Prober,
    clock: systemClock,
    crash,
  }
  return {
    async checkpoint() {
      await checkpoints.create({
        id: null,
        release: null,
        migrations: null,
        reason: 'a test',
        template: null,
        signal,
      })
    },
    rehearse: (release, back) =>
      rehearse(ports, { service: 'shop', release, back, checkpoint: null, signal }),
  }
}
