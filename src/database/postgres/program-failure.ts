import type { ErrorCode } from '../../errors/catalog.ts'
import type { CommandResult } from '../../ports/command-runner.ts'

/** How pg_dump or pg_restore ended, in words; its last lines for whoever wants to know. */
export function describeFailure(result: CommandResult): {
  params: { outcome: string; detail: string }
  details: string[]
} {
  const lines = result.stderr.split('\n').filter((line) => line.trim() !== '')
  // `pg_dump: error: connection to server at ...`: what it says first is why; the rest follows from it.
  const first = lines.find((line) => /error:|FATAL|ERROR/.test(line)) ?? lines[0] ?? 'it said nothing'
  const detail = first.replace(/^pg_\w+: (error: )?/, '').replace(/\.$/, '')
  const outcome = result.outcome === 'exited' ? `ended with exit code ${result.exitCode}` : result.outcome
  return { params: { outcome, detail }, details: lines.slice(-20) }
}

/** What is not the fault of the files: the server went away, is full, or does not let us. */
const OF_THE_SERVER: [RegExp, ErrorCode][] = [
  [/No space left on device|Disk quota exceeded/, 'DB_DISK_FULL'],
  [/must be (a )?(member|owner|superuser)|permission denied|must be able to SET ROLE/, 'DB_NOT_ALLOWED'],
  [
    /server closed the connection|terminating connection|connection to server|SSL SYSCALL/,
    'DB_CONNECTION_LOST',
  ],
]

/** Null: it is what was restored. */
export function serverFailure(detail: string): ErrorCode | null {
  return OF_THE_SERVER.find(([words]) => words.test(detail))?.[1] ?? null
}
