import type { ScratchKind } from '../postgres/scratch-database.ts'

/** A database that a release is rehearsed on. */
export const COPY: ScratchKind = {
  word: 'rehearse',
  commentOf: (service) => `lastgood rehearses a release of ${service} on it, and drops it afterwards`,
}
