import {
  describeTrouble,
  type Proof,
  type RehearsedMigration,
  type TriedRelease,
  wayBack,
} from '../domain/proof.ts'
import { formatMs, wrap } from './format.ts'
import type { Screen } from './screen.ts'

/** What was tried, what was seen, and what it means: one line each. */
export function proofLines(proof: Proof, screen: Pick<Screen, 'paint' | 'width'>): string[] {
  const { release, back, copy, oldCodeOnNewSchema, newRelease, down } = proof
  const { ok, because } = wayBack(proof)
  const verdict = ok
    ? screen.paint('There is a way back', 'green')
    : screen.paint('There is no way back', 'red')
  const old =
    oldCodeOnNewSchema === null ? [] : [`${back} on the new schema: ${triedText(oldCodeOnNewSchema)}`]
  const facts = [
    `copy of ${copy.checkpoint ?? 'the schema'}: ${copy.kind === 'full' ? 'whole' : `in part (${copy.why})`}`,
    ...proof.up.map((migration) => `up ${migration.name}: ${formatMs(migration.ms)}${locksText(migration)}`),
    ...old,
    `${release} on the new schema: ${triedText(newRelease)}`,
    `down: ${downText(down)}`,
    ...down.lost.map(({ what, rows }) => `  goes with it: ${rows} of ${what}`),
    ...(down.differences.length > 1 ? down.differences.map((difference) => `  ${difference}`) : []),
  ]
  return [
    ...facts.flatMap((fact) => wrap(fact, screen.width - 4, '    ').map((line) => `  ${line}`)),
    ...wrap(
      `${verdict} from ${release}: ${because}. Rehearsed in ${formatMs(proof.ms)}.`,
      screen.width,
      '  ',
    ),
  ]
}

function triedText(tried: TriedRelease): string {
  const trouble = describeTrouble(tried)
  if (trouble !== null) return `${tried.outcome}, ${trouble}`
  const count = tried.checks.length
  return `passed${count === 0 ? ', it boots' : `, ${count} ${count === 1 ? 'check' : 'checks'}`}`
}

function downText({ kind, why, ms }: Proof['down']): string {
  return [kind, ...(ms === null ? [] : [`in ${formatMs(ms)}`]), ...(why === null ? [] : [`(${why})`])].join(
    ' ',
  )
}

/** `, AccessExclusiveLock on public.orders for 12 ms` */
function locksText({ locks }: RehearsedMigration): string {
  return locks.map(({ table, mode, ms }) => `, ${mode} on ${table} for ${formatMs(ms)}`).join('')
}
