import { type Checkpoint, checkpointFacts, rowsIn } from '../../domain/checkpoint.ts'
import { isOperatorError, messageOf } from '../../errors/operator-error.ts'
import type { CreateCheckpoint } from '../../ports/checkpoints.ts'
import { appliedNow, databaseOf } from '../database-of.ts'
import type { StepContext, StepHandler, StepResult } from '../step-handler.ts'
import { eventOf, type StepPorts } from '../step-ports.ts'

/** What is put back leaves it: a checkpoint harms nobody, and retention takes it. */
export function createCheckpoint(ports: StepPorts): StepHandler {
  return {
    async observe(step) {
      const kept = await databaseOf(ports).checkpoints.list()
      const found = kept.find(({ id }) => id === step.params.checkpoint)
      return found?.readable ? { done: result(ports, found.checkpoint, null) } : 'todo'
    },
    async run({ params }, context) {
      const live = ports.state.live
      const applied = live === null ? null : await appliedNow(ports, live)
      const request: CreateCheckpoint = {
        id: params.checkpoint ?? null,
        release: live,
        migrations: applied?.map(({ name }) => name) ?? null,
        reason: reasonOf(context),
        template: params.templatePauseMs === undefined ? null : { pauseMs: params.templatePauseMs },
        signal: context.signal,
      }
      const { checkpoints } = databaseOf(ports)
      try {
        return result(ports, await checkpoints.create(request), null)
      } catch (error) {
        // Who does not leave keeps nobody from having a checkpoint: a dump needs nobody to.
        if (request.template === null || !isOperatorError(error) || !STAYED.includes(error.code)) throw error
        const dump = await checkpoints.create({ ...request, template: null })
        return result(ports, dump, messageOf(error))
      }
    },
  }
}

const STAYED = ['CHECKPOINT_IN_USE', 'CHECKPOINT_HELD_UP', 'PGBOUNCER_NOT_PAUSED']

function reasonOf({ run }: StepContext): string {
  return `before the ${run.plan.verb} of ${run.plan.to}`
}

/** @param insteadOf why it is no template, as the plan had it */
function result(ports: StepPorts, checkpoint: Checkpoint, insteadOf: string | null): StepResult {
  const { id, bytes, content, template } = checkpoint
  const held = template === null ? {} : { heldMs: template.heldMs }
  const why = insteadOf === null ? {} : { aDumpBecause: insteadOf }
  return {
    evidence: {
      checkpoint: id,
      tables: content.tables.length,
      rows: rowsIn(content),
      megabytes: Math.round(bytes / 1e5) / 10,
      ...held,
      ...why,
    },
    events: [eventOf(ports, 'CheckpointCreated', `checkpoint/${id}`, checkpointFacts(checkpoint))],
  }
}
