import type { Step } from '../../domain/plan.ts'
import { isShut, type Restore, type RestoreStage, stageOf } from '../../domain/restore.ts'
import { progressOf } from '../../domain/run.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { databaseOf } from '../database-of.ts'
import type { StepHandler } from '../step-handler.ts'
import { eventOf, type StepPorts } from '../step-ports.ts'

/** From here on what will be replaced is only read. Taken back when the run is, or with the swap. */
export function freezeWrites(ports: StepPorts): StepHandler {
  return {
    async observe() {
      return 'unknown'
    },
    async run(_, context) {
      const { reason } = context.run
      const { ended, notStopped } = await databaseOf(ports).restoration.freezeWrites(reason)
      return {
        evidence: { sessionsEnded: ended, notStopped: notStopped.join('; ') || 'nothing known' },
        events: [eventOf(ports, 'WritesFrozen', `service/${ports.state.service}`, { reason })],
      }
    },
    async undo() {
      const { unfrozen } = await databaseOf(ports).restoration.unfreezeWrites()
      const data = { databases: unfrozen }
      return {
        evidence: { unfrozen: unfrozen.join(' ') || 'nothing was' },
        events: [eventOf(ports, 'WritesUnfrozen', `service/${ports.state.service}`, data)],
      }
    },
  }
}

/** The second database, whole, compared and made ready, while the first one serves. */
export function buildBeside(ports: StepPorts): StepHandler {
  return {
    async observe(step) {
      const stage = await stageNow(ports, restoreOf(step))
      return stage === 'carried' || isPast(stage) ? { done: { evidence: { stage } } } : 'unknown'
    },
    async run(step, context) {
      const { restoration, checkpoints } = databaseOf(ports)
      const restore = restoreOf(step)
      const checkpoint = await checkpoints.get(restore.checkpoint)
      await restoration.checkBefore(checkpoint)
      await restoration.checkSpace(checkpoint)
      await restoration.buildBeside(restore, checkpoint, context.signal)
      context.signal.throwIfAborted()
      const { tables, rows } = await restoration.verifyBeside(restore, checkpoint)
      const { sequences } = await restoration.carryOver(restore, checkpoint)
      return { evidence: { checkpoint: checkpoint.id, tables, rows, sequences } }
    },
    async undo(step) {
      const { restoration } = databaseOf(ports)
      const restore = restoreOf(step)
      const { next } = await restoration.observe()
      // It served until it was taken back: what was written meanwhile is in it alone.
      const served = next.find(({ mark }) => mark.restore === restore.id && mark.state === 'undone')
      if (served !== undefined) return { evidence: { kept: served.name, keptUntil: served.mark.expires } }
      const { dropped } = await restoration.dropBeside(restore)
      return { evidence: { dropped: dropped.join(' ') || 'nothing was left' } }
    },
  }
}

/** The one moment in which nobody can connect. */
export function swapDatabase(ports: StepPorts): StepHandler {
  return {
    async observe(step) {
      const { restoration } = databaseOf(ports)
      const view = await restoration.observe()
      if (isShut(view)) return 'unknown'
      return stageOf(view, restoreOf(step).id) === 'swapped' ? 'unknown' : 'todo'
    },
    async run(step) {
      const { restoration } = databaseOf(ports)
      const restore = restoreOf(step)
      await restoration.reopen()
      const { kept, keptUntil, unavailableMs, throughPgbouncer } = await restoration.swap(restore)
      const facts = { restore: restore.id, checkpoint: restore.checkpoint, kept, keptUntil, unavailableMs }
      return {
        evidence: { kept, unavailableMs, throughPgbouncer },
        events: [eventOf(ports, 'DatabaseSwapped', `restore/${restore.id}`, facts)],
      }
    },
    async undo(step, context) {
      const { restoration } = databaseOf(ports)
      const restore = restoreOf(step)
      await restoration.reopen()
      const view = await restoration.observe()
      const stage = stageOf(view, restore.id)
      // Taken back by a run that was killed before it could say so: the same call finds it done.
      if (stage !== 'swapped' && stage !== 'undone') return { evidence: { stage } }
      const subject = `restore/${restore.id}`
      const of = { restore: restore.id, checkpoint: restore.checkpoint }
      const kept = view.damaged.find(({ mark }) => mark.restore === restore.id)
      const there = { kept: kept?.name ?? null, keptUntil: kept?.mark.expires ?? null }
      const wasSaid = progressOf(context.run, step).evidence.throughPgbouncer !== undefined
      const swapped = wasSaid
        ? []
        : [eventOf(ports, 'DatabaseSwapped', subject, { ...of, ...there, unavailableMs: null })]
      const { unavailableMs } = await restoration.undoSwap(restore)
      const back = eventOf(ports, 'DatabaseSwappedBack', subject, { ...of, unavailableMs })
      return { evidence: { unavailableMs }, events: [...swapped, back] }
    },
  }
}

function restoreOf({ params }: Step): Restore {
  const { restore, checkpoint } = params
  if (restore === undefined || checkpoint === undefined)
    throw new OperatorError('INTERNAL', { detail: 'a step that does not name what it restores' })
  return { id: restore, checkpoint }
}

async function stageNow(ports: StepPorts, restore: Restore): Promise<RestoreStage> {
  return stageOf(await databaseOf(ports).restoration.observe(), restore.id)
}

function isPast(stage: RestoreStage): boolean {
  return stage === 'swapping' || stage === 'ready' || stage === 'swapped' || stage === 'superseded'
}
