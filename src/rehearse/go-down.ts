import type { RehearsedDown } from '../domain/proof.ts'
import { isOperatorError, messageOf } from '../errors/operator-error.ts'
import type { TrialCopy } from '../ports/trial-databases.ts'
import type { MigratingRoute } from './choose-route.ts'
import type { RehearsalPorts, RehearseRequest } from './rehearsal-ports.ts'

/** What a tool says of a way down that it has not, or that failed. Anything else is no verdict on the release. */
export const VERDICTS = [
  'MIGRATION_FAILED',
  'MIGRATIONS_PARTLY_DONE',
  'MIGRATION_FORWARD_ONLY',
  'MIGRATIONS_DIFFER',
]

/** With the release's own files, on the rows that are there. */
export async function goDown(
  ports: RehearsalPorts,
  { signal, logFile }: RehearseRequest,
  copy: TrialCopy,
  { release: { files, schema }, target }: MigratingRoute,
): Promise<{ ms: number } | { failed: RehearsedDown }> {
  try {
    const log = logFile === undefined ? {} : { logFile }
    const { ms } = await ports.migrations.down({ files, schema, target, url: copy.url, signal, ...log })
    return { ms }
  } catch (error) {
    if (signal.aborted || !isOperatorError(error) || !VERDICTS.includes(error.code)) throw error
    const why = [messageOf(error), ...error.details].join(' ')
    return { failed: { kind: 'impossible', why, ms: null, lost: [], differences: [] } }
  }
}

export function judge(ms: number, lost: RehearsedDown['lost'], differences: string[]): RehearsedDown {
  if (differences.length > 0) {
    const more = differences.length === 1 ? '' : ` (and ${differences.length - 1} more)`
    const why = `what it leaves is not what was there before: ${differences[0]}${more}`
    return { kind: 'impossible', why, ms, lost, differences }
  }
  return { kind: lost.length > 0 ? 'lossy' : 'reversible', why: null, ms, lost, differences }
}
