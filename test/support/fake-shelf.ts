import type { ReleaseId } from '../../src/domain/release.ts'
import { OperatorError } from '../../src/errors/operator-error.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { LaunchRecord, ReleaseStore } from '../../src/ports/release-store.ts'
import type { Source } from '../../src/ports/source.ts'
import type { FakeFlaw, FakeHost } from './fake-host.ts'
import { type configurationFor, launchFor, releaseFor } from './temporary-project.ts'

/** Releases on a shelf in memory, and the builder that puts them there. What is wrong with a commit is its name: `sick:4`. */
export function createFakeShelf(
  host: FakeHost,
  clock: Clock,
  configuration: ReturnType<typeof configurationFor>,
) {
  const kept = new Map<ReleaseId, LaunchRecord>()

  const record = (release: ReleaseId): LaunchRecord => {
    const found = kept.get(release)
    if (found !== undefined) return found
    throw new OperatorError('RELEASE_FILES_GONE', { release, detail: 'no such folder', ref: release })
  }
  const check: ReleaseStore['check'] = async (_, release) =>
    kept.has(release) ? { ok: true, files: 3 } : { ok: false, problems: ['no such folder'] }

  const store: ReleaseStore = {
    check,
    checkDeep: check,
    launchRecord: async (_, release) => record(release),
    async configurationText(_, release) {
      record(release)
      return ''
    },
    schema: async () => null,
    async keepSchema() {},
    exists: async (_, release) => kept.has(release),
    async remove(_, release) {
      kept.delete(release)
    },
    list: async () => [...kept.keys()],
  }

  const source: Source = {
    requirePrebuilt() {},
    resolve: async (_, ref) => ({ commit: ref, ref, subject: `Commit ${ref}` }),
    async build({ release, commit, signal }) {
      signal.throwIfAborted()
      await clock.sleep(2_000, signal)
      const [flaw = 'none'] = commit.commit.split(':')
      if (flaw === 'build') {
        throw new OperatorError('BUILD_FAILED', { command: 'npm ci', outcome: 'exit code 1', log: '-' })
      }
      const { mode, instances, agent } = configuration.runtime
      const launch = launchFor(`/srv/releases/${release}/app`, { configuration })
      const runtime = {
        ...launch.runtime,
        mode: mode ?? 'cluster',
        instances: instances ?? 2,
        agent,
      }
      kept.set(release, { ...launch, runtime })
      if (flaw !== 'none') host.flaws.set(release, flaw as FakeFlaw)
      const builtAt = new Date(clock.now()).toISOString()
      const { ref, subject } = commit
      const facts = { commit: commit.commit, ref, subject, version: null, builtAt }
      return { release: releaseFor(release, facts), buildMs: 2_000, files: 3, bytes: 1_000 }
    },
  }
  return { store, source }
}
