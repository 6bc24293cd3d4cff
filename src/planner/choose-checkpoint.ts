import type { Estimate, PlanOption } from '../domain/plan.ts'
import { estimateHold } from './estimate.ts'
import type { NextCheckpoint } from './planning-input.ts'

export interface ChosenCheckpoint {
  /** For how long connections may wait while the server copies; null: a dump, for which nobody waits. */
  templatePauseMs: number | null
  /** What that is expected to take. */
  hold: Estimate
  /** None where there is nothing to choose. */
  options: PlanOption[]
}

const NOBODY_WAITS: Estimate = { ms: 0, source: 'measured', runs: 0 }
/** The template, the rehearsal's copy of it, and room for that one's migrations to work. */
const COPIES = 3

/** A template where the configuration allows connections to wait and they are expected to wait no longer; else a dump. */
export function chooseCheckpoint({ template }: NextCheckpoint): ChosenCheckpoint {
  if (template === null) return { templatePauseMs: null, hold: NOBODY_WAITS, options: [] }
  const { allowedMs, outlook } = template
  const hold = estimateHold(outlook)
  const { bytes, freeBytes } = outlook
  const fits = freeBytes === null || freeBytes >= COPIES * bytes
  const why =
    hold.ms > allowedMs
      ? `connections would wait longer than the ${allowedMs} ms that they may`
      : fits
        ? null
        : "the server's disk has too little room for it and a rehearsal on it"
  const taken = why === null
  const option = (name: string, isTaken: boolean, reason: string, unavailability: Estimate) => ({
    name,
    taken: isTaken,
    reason,
    unavailability,
  })
  return {
    templatePauseMs: taken ? allowedMs : null,
    hold: taken ? hold : NOBODY_WAITS,
    options: [
      option(
        'checkpoint: the server copies the database',
        taken,
        why ?? 'connections wait for less than they may, and going back copies it again',
        hold,
      ),
      option(
        'checkpoint: a dump',
        !taken,
        taken ? 'possible, and takes longer' : 'nobody waits',
        NOBODY_WAITS,
      ),
    ],
  }
}
