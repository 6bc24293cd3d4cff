import type { Checkpoint } from '../../domain/checkpoint.ts'

/** What is in a checkpoint, and where, whichever way it was taken. */
export type Taken = Pick<Checkpoint, 'files' | 'bytes' | 'content' | 'snapshotXmin' | 'template'>
