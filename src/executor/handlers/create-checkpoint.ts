import type { Checkpoint } from '../../domain/checkpoint.ts'
import { appliedNow, databaseOf } from '../database-of.ts'
import type { StepContext, StepHandler, StepResult } from '../step-handler.ts'
import { eventOf, type StepPorts } from '../step-ports.ts'

/** What is put back leaves it: a checkpoint harms nobody, and retention takes it. */
export function createCheckpoint(ports: StepPorts): StepHandler {
  return {
    async observe(step) {
      const kept = await databaseOf(ports).checkpoints.list()
      const found = kept.find(({ id }) => id === step.params.checkpoint)
      return found?.readable ? { done: result(ports, found.checkpoint) } : 'todo'
    },
    async run(step, context) {
      const live = ports.state.live
      const applied = live === null ? null : await appliedNow(ports, live)
      const checkpoint = await databaseOf(ports).checkpoints.create({
        id: step.params.checkpoint ?? null,
        release: live,
        migrations: applied?.map(({ name }) => name) ?? null,
        reason: reasonOf(context),
        signal: context.signal,
      })
      return result(ports, checkpoint)
    },
  }
}

function reasonOf({ run }: StepContext): string {
  return `before the ${run.plan.verb} of ${run.plan.to}`
}

function result(ports: StepPorts, checkpoint: Checkpoint): StepResult {
  const { id, release, bytes, content, ms, reason } = checkpoint
  const rows = content.tables.reduce((sum, table) => sum + table.rows, 0)
  const facts = { checkpoint: id, release, bytes, tables: content.tables.length, rows, ms, reason }
  return {
    evidence: { checkpoint: id, tables: facts.tables, rows, megabytes: Math.round(bytes / 1e5) / 10 },
    events: [eventOf(ports, 'CheckpointCreated', `checkpoint/${id}`, facts)],
  }
}
