import type { ScratchKind } from '../postgres/scratch-database.ts'

/** A database that a checkpoint is restored into for trial. */
export const TRIAL: ScratchKind = {
  word: 'verify',
  commentOf: (service) => `lastgood tries a checkpoint of ${service} in it, and drops it afterwards`,
}
