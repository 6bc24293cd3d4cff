import type { StepKind } from '../plan.ts'
import type { CheckedItem } from './checklist.ts'
import type { Incident } from './incident.ts'

/** `skipped`: the runbook has it, and it was not done · `added`: done, and not in the runbook · `over-time`: took longer. */
export interface Drift {
  kind: 'skipped' | 'added' | 'over-time'
  what: string
  /** What was expected, or why; empty where nothing is known. */
  detail: string
  seq: number | null
}

/** First word within five minutes, then one every twenty: what the runbook promises to everybody. */
const FIRST_WORD_MS = 5 * 60_000

/** Steps whose length is the operator's own choice. */
const LONG_BY_DESIGN: ReadonlySet<StepKind> = new Set(['verify', 'stop-old'])

/** Slower than was to be expected, and by more than the noise of a busy host. */
const SLOWER = 2
const NOISE_MS = 1_000

/**
 * What an incident did otherwise than the runbook as it stood: its checklist, and the plan of the rollback with the times
 * that had been measured until then.
 */
export function driftOf(
  incident: Incident,
  items: readonly CheckedItem[],
  measured: Partial<Record<string, readonly number[]>>,
): Drift[] {
  return [...skippedIn(incident, items), ...addedIn(incident), ...overTimeIn(incident, measured)]
}

function skippedIn({ runs }: Incident, items: readonly CheckedItem[]): Drift[] {
  const ofList = items.flatMap(({ state, title, text, seq }): Drift[] =>
    state === 'skipped' || state === 'open'
      ? [{ kind: 'skipped', what: title, detail: text ?? 'nobody did it, and nothing proves it', seq }]
      : [],
  )
  const ofPlans = runs.flatMap(({ plan, steps, status }) =>
    status === 'running'
      ? []
      : plan.steps
          .filter(({ id }) => !steps.some((step) => step.id === id && step.ok))
          .map(({ kind, why }): Drift => ({ kind: 'skipped', what: `step ${kind}`, detail: why, seq: null })),
  )
  return [...ofList, ...ofPlans]
}

/** What people and lastgood did that no list and no plan has. */
const BEYOND = new Set([
  'RowsSalvaged',
  'WritesFrozen',
  'WritesUnfrozen',
  'MigrationsApplied',
  'RunResumed',
  'FixForwardExtended',
  'PageDeclined',
  'IncidentNoted',
])

function addedIn({ timeline, runs }: Incident): Drift[] {
  const planned = new Set(runs.flatMap(({ plan }) => plan.steps.map(({ kind }) => kind)))
  const wanted = (type: string) => !(type === 'WritesFrozen' && planned.has('freeze-writes'))
  const beyond = timeline
    .filter(({ type, correctedBy }) => BEYOND.has(type) && wanted(type) && correctedBy === null)
    .map(({ text, seq }): Drift => ({ kind: 'added', what: text, detail: '', seq }))
  const further = runs.slice(1).map(
    ({ verb, from, to, startedSeq }): Drift => ({
      kind: 'added',
      what: `another ${verb}, ${from ?? 'nothing'} -> ${to}`,
      detail: '',
      seq: startedSeq,
    }),
  )
  return [...beyond, ...further]
}

function overTimeIn(incident: Incident, measured: Partial<Record<string, readonly number[]>>): Drift[] {
  const slow = incident.runs.flatMap(({ steps }) =>
    steps.flatMap(({ kind, ms, seq, ok }): Drift[] => {
      const usual = median(measured[kind] ?? [])
      if (!ok || usual === null || LONG_BY_DESIGN.has(kind)) return []
      if (ms < usual * SLOWER || ms - usual < NOISE_MS) return []
      return [
        { kind: 'over-time', what: `step ${kind} took ${ms} ms`, detail: `${usual} ms until then`, seq },
      ]
    }),
  )
  const missed = incident.missedUpdates.map(
    (promised): Drift => ({
      kind: 'over-time',
      what: `no update at ${promised}`,
      detail: 'it was promised',
      seq: null,
    }),
  )
  const first = firstWord(incident)
  const late = first === null ? null : Date.parse(first.at) - Date.parse(incident.times.detected)
  const words: Drift[] =
    first === null || late === null || late <= FIRST_WORD_MS
      ? []
      : [
          {
            kind: 'over-time',
            what: `first word after ${Math.round(late / 60_000)} min`,
            detail: '5 min',
            seq: first.seq,
          },
        ]
  return [...slow, ...words, ...missed]
}

function firstWord({ updates, timeline }: Incident): { at: string; seq: number } | null {
  const said = [...updates, ...timeline.filter(({ type }) => type === 'MessageSent')]
  return said.sort((a, b) => (a.at < b.at ? -1 : 1))[0] ?? null
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[(sorted.length - 1) >> 1] ?? null
}
