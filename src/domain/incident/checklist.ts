import { CHECKLIST, type ChecklistItem, PHASES, type TeamItem } from './checklist-items.ts'
import type { Incident } from './incident.ts'

/** `open`: neither proven, nor ticked, nor skipped. `needless`: an event proves that there was nothing to do. */
export type ItemState = 'proven' | 'needless' | 'ticked' | 'skipped' | 'open'

export interface CheckedItem extends ChecklistItem {
  team: boolean
  state: ItemState
  /** What proves it, or who said so. */
  text: string | null
  seq: number | null
  at: string | null
}

/** Each item with what ticks it. Evidence wins over a skip, for it says more; a closed incident keeps the list it had. */
export function checklistOf(incident: Incident, configured: readonly TeamItem[]): CheckedItem[] {
  const team = (incident.teamItems ?? configured).map((item) => ({ ...item, proof: null, team: true }))
  const all = [...CHECKLIST.map((item) => ({ ...item, team: false })), ...team]
  return PHASES.flatMap((phase) => all.filter((item) => item.phase === phase)).map((item) =>
    checkItem(incident, item),
  )
}

function checkItem(
  incident: Incident,
  item: Omit<CheckedItem, 'state' | 'text' | 'seq' | 'at'>,
): CheckedItem {
  const proof = item.team ? undefined : incident.evidence[item.id]
  const mark = incident.marks[item.id]
  if (proof !== undefined && !proof.needless)
    return { ...item, state: 'proven', text: proof.text, seq: proof.seq, at: proof.at }
  if (mark !== undefined) {
    const text = [mark.person, mark.text].filter((part) => part !== null).join(': ')
    return { ...item, state: mark.skipped ? 'skipped' : 'ticked', text, seq: mark.seq, at: mark.at }
  }
  if (proof !== undefined)
    return { ...item, state: 'needless', text: proof.text, seq: proof.seq, at: proof.at }
  return { ...item, state: 'open', text: null, seq: null, at: null }
}

export function openItems(items: readonly CheckedItem[]): CheckedItem[] {
  return items.filter(({ state }) => state === 'open')
}
