import { OperatorError } from '../../errors/operator-error.ts'
import { filesOf } from '../database-of.ts'
import type { StepHandler } from '../step-handler.ts'
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
      const { release, commit, ref, subject } = step.params
      if (commit === undefined || ref === undefined) {
        throw new OperatorError('INTERNAL', { detail: 'a build step without a commit' })
      }
      const { service } = ports.state
      if (await ports.store.exists(service, release)) await ports.store.remove(service, release)
      const built = await ports.source.build({
        configuration: ports.configuration,
        configurationText: ports.configurationText,
        secrets: ports.secrets,
        configPath: ports.configPath,
        release,
        commit: { commit, ref, subject: subject ?? '' },
        signal: context.signal,
        onLine: context.onLine,
      })
      const { buildMs, files, bytes } = built
      if (ports.database !== null) {
        const schema = await ports.database.migrations.describe(await filesOf(ports, release))
        if (schema !== null) await ports.store.keepSchema(service, release, schema)
      }
      return {
        evidence: { commit: commit.slice(0, 7), files, megabytes: Math.round(bytes / 1e6) },
        events: [
          eventOf(ports, 'ReleaseBuilt', `release/${release}`, {
            release: built.release,
            buildMs,
            files,
            bytes,
          }),
        ],
      }
    },
    // A built release that was never put out harms nobody; retention takes it.
  }
}
