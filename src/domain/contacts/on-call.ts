import { addDays, daysBetween, instantOf, parseWallClock, type WallClock, wallClock } from '../zoned-time.ts'
import type { OnCall } from './contacts.ts'

export interface Duty {
  person: string
  /** Epoch ms; null: the command does not tell. */
  until: number | null
  why: 'rotation' | 'override' | 'command'
}

/** Whose turn it is; by the wall clock, so that a handover stays at nine through a change of the clocks. Null: nobody's. */
export function onCallNow(onCall: OnCall, now: number): Duty | null {
  const override = onCall.overrides.findLast(
    ({ from, until }) => moment(from, onCall) <= now && now < moment(until, onCall),
  )
  if (override !== undefined)
    return { person: override.person, until: moment(override.until, onCall), why: 'override' }
  const turn = turnAt(onCall, now)
  if (turn === null) return null
  // An override may begin before the turn ends.
  const next = onCall.overrides
    .map(({ from }) => moment(from, onCall))
    .filter((from) => from > now && from < turn.until)
    .sort((a, b) => a - b)[0]
  return { person: turn.person, until: next ?? turn.until, why: 'rotation' }
}

function turnAt(onCall: OnCall, now: number): { person: string; until: number } | null {
  const { people, every, handover, since, timeZone } = onCall
  const first = parseWallClock(`${since}T${handover}`)
  if (people.length === 0 || first === null) return null
  const days = every === 'week' ? 7 : 1
  let turn = Math.floor(daysBetween(first, wallClock(now, timeZone)) / days)
  const begins = (n: number) => instantOf(addDays(first, n * days), timeZone)
  // On the day of a handover, before it.
  if (begins(turn) > now) turn--
  const person = people[((turn % people.length) + people.length) % people.length]
  return person === undefined ? null : { person, until: begins(turn + 1) }
}

function moment(text: string, { timeZone }: OnCall): number {
  const wall: WallClock | null = parseWallClock(text)
  return wall === null ? Number.NaN : instantOf(wall, timeZone)
}
