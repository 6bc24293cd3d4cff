import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { ResolvedCommit } from '../../ports/source.ts'
import { filesOf } from '../database-of.ts'
import type { StepContext, StepHandler, StepResult } from '../step-handler.ts'
import { eventOf, type StepPorts } from '../step-ports.ts'

/** An unsealed folder is an interrupted build: the source cleans it and builds again. */
export function buildRelease(ports: StepPorts): StepHandler {
  return {
    async observe(step) {
      // Sealed, but the record of it was lost with the process: building again is cheaper than trusting half a memory.
      const sealed = await ports.store.exists(ports.state.service, step.params.release)
      return sealed ? 'unknown' : 'todo'
    },

    async run(step, context) {
      const { release, commit, ref, subject, prebuilt } = step.params
      if (commit === undefined || ref === undefined) {
        throw new OperatorError('INTERNAL', { detail: 'a build step without a commit' })
      }
      const resolved = { commit, ref, subject: subject ?? '' }
      return buildCommit(ports, release, { ...resolved, prebuilt: prebuilt ?? null }, context)
    },
    // A built release that was never put out harms nobody; retention takes it.
  }
}

/** With the configuration of now, which the release keeps, and what its files say of its migrations. */
export async function buildCommit(
  ports: StepPorts,
  release: ReleaseId,
  { prebuilt = null, ...commit }: ResolvedCommit & { prebuilt?: string | null },
  { signal, onLine }: Pick<StepContext, 'signal' | 'onLine'>,
): Promise<StepResult> {
  const { service } = ports.state
  if (await ports.store.exists(service, release)) await ports.store.remove(service, release)
  const { configuration, configurationText, secrets, configPath } = ports
  const as = { configuration, configurationText, secrets, configPath }
  const built = await ports.source.build({ ...as, release, commit, prebuilt, signal, onLine })
  const { buildMs, files, bytes } = built
  if (ports.database !== null) {
    const schema = await ports.database.migrations.describe(await filesOf(ports, release))
    if (schema !== null) await ports.store.keepSchema(service, release, schema)
  }
  const facts = { release: built.release, buildMs, files, bytes }
  return {
    evidence: { commit: commit.commit.slice(0, 7), files, megabytes: Math.round(bytes / 1e6) },
    events: [eventOf(ports, 'ReleaseBuilt', `release/${release}`, facts)],
  }
}
