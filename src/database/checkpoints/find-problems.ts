import type { Checkpoint } from '../../domain/checkpoint.ts'
import { checkDump } from '../postgres/check-dump.ts'
import type { Connection } from '../postgres/connection.ts'
import { withMaintenance } from '../postgres/maintenance.ts'
import { templateProblems } from '../postgres/restore-template.ts'
import { checkpointFolder } from './checkpoint-paths.ts'
import type { CheckpointParts } from './parts.ts'

/** What is wrong with what a checkpoint is kept as, each as a sentence; empty: it is there as it was left. */
export async function findProblems(
  { folder, service }: CheckpointParts,
  connection: Connection,
  checkpoint: Checkpoint,
): Promise<string[]> {
  const { id, template } = checkpoint
  if (template === null) return checkDump(checkpointFolder(folder, service, id), checkpoint)
  return withMaintenance(connection, 'check template', (session) => templateProblems(session, template))
}
