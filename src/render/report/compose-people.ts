import { PHASE_TITLES } from '../../domain/incident/checklist-items.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { showTime, spanOf } from '../incident-text.ts'
import { type Block, says } from './report.ts'
import type { ReportInput } from './report-input.ts'

export function composeChecklist({ checklist }: ReportInput): Block[] {
  const rows = checklist.map(({ phase, title, state, text, seq }) => ({
    cells: [PHASE_TITLES[phase], title, state, text ?? ''],
    refs: seq === null ? [] : [seq],
  }))
  return [
    { kind: 'table', label: 'Checklist', head: ['phase', 'item', 'state', 'evidence, or who said so'], rows },
  ]
}

export function composeMessages({ timeline, pages, updates, openedBy }: Incident): Block[] {
  const sent = timeline
    .filter(({ kind }) => kind === 'message')
    .map(({ at, text, seq }) => says(`${showTime(at)} UTC: ${text}`, seq))
  const said = updates.map(({ at, text, seq, by }) => says(`${showTime(at)} UTC, ${by}: ${text}`, seq))
  const answered = pages.map(({ person, at, answer, seq }) =>
    says(
      answer === null
        ? `${person}, paged at ${showTime(at)} UTC, did not answer.`
        : `${person}, paged at ${showTime(at)} UTC, ${answer.declined ? `could not (${answer.text})` : 'had it'} after ${spanOf(at, answer.at)}.`,
      seq,
    ),
  )
  const all = [...said, ...answered, ...sent]
  return [
    {
      kind: 'list',
      items: all.length === 0 ? [says('No message was sent and nobody was paged.', openedBy.seq)] : all,
    },
  ]
}

export function composeActions({ actions }: Incident): Block[] {
  if (actions.length === 0) return []
  const rows = actions.map(({ id, text, kind, owner, due, filed, done, seq }) => ({
    cells: [
      id,
      done === null ? '' : 'done',
      text,
      kind,
      owner ?? 'nobody yet',
      due ?? 'no date yet',
      filed?.url ?? '',
    ],
    refs: [seq, ...(filed === null ? [] : [filed.seq]), ...(done === null ? [] : [done.seq])],
  }))
  return [
    {
      kind: 'table',
      label: 'Action items',
      head: ['item', 'done', 'what', 'kind', 'owner', 'due', 'filed'],
      rows,
    },
  ]
}
