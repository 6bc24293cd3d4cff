/** A sentence and the events it is from: `seq` of each. */
export interface Sentence {
  text: string
  refs: readonly number[]
}

export type Block =
  | { kind: 'text'; sentences: Sentence[] }
  | { kind: 'list'; items: Sentence[] }
  /** The last column is the events. */
  | { kind: 'table'; label: string; head: string[]; rows: { cells: string[]; refs: readonly number[] }[] }
  /** Drawn in HTML; in Markdown its caption says the same in words. */
  | { kind: 'chart'; svg: string; caption: Sentence }
  /** For people to fill in: their words from the file of edits, else the questions. */
  | { kind: 'people'; slot: string; questions: string[] }
  /** Every event that is pointed to, and whatever else belongs to the incident. */
  | { kind: 'events'; entries: EventEntry[] }

export interface EventEntry {
  seq: number
  at: string
  recordedAt: string
  type: string
  actor: string
  text: string
  correctedBy: number | null
}

export interface Section {
  id: string
  title: string
  blocks: Block[]
}

export interface Report {
  title: string
  /** `SEV-2`, `resolved`, the service, `DRILL`. */
  badges: string[]
  sections: Section[]
}

export const says = (text: string, ...refs: (number | null)[]): Sentence => ({
  text,
  refs: refs.filter((ref) => ref !== null),
})
