import { severityName } from '../../domain/incident/severity.ts'
import { describeEvent } from '../../domain/incident/timeline.ts'
import { describeRelease } from '../../domain/release.ts'
import { findRelease } from '../../domain/service-state.ts'
import { describeImpact, spanOf } from '../incident-text.ts'
import { composeDeploy } from './compose-deploy.ts'
import { composeImpact, tellData } from './compose-impact.ts'
import { composeActions, composeChecklist, composeMessages } from './compose-people.ts'
import { composeRuns } from './compose-runs.ts'
import { composeTimes } from './compose-times.ts'
import { EDIT_SLOTS } from './edits.ts'
import { type Block, type EventEntry, type Report, type Section, type Sentence, says } from './report.ts'
import type { ReportInput } from './report-input.ts'
import { endSeq, liveSeq, resolvedSeq } from './said-by.ts'

/** The whole report as data. It knows nothing but the journal, so the same journal gives the same report. */
export function composeReport(input: ReportInput): Report {
  const { incident } = input
  const parts: Section[] = [
    section('Summary', [{ kind: 'text', sentences: summarise(input) }, people('Summary')]),
    section('When', composeTimes(input)),
    section('Impact', composeImpact(input)),
    section('Data lost and salvaged', [{ kind: 'list', items: tellData(incident) }]),
    section('How it was resolved', composeRuns(input)),
    section('State at the deploy', composeDeploy(input)),
    section('Checklist', composeChecklist(input)),
    section('Messages and pages', composeMessages(incident)),
    section('Contributing causes', [people('Contributing causes')]),
    section('Why it was not caught earlier', [people('Why it was not caught earlier')]),
    section('Prevention', [people('Prevention'), ...composeActions(incident)]),
    section('What went well', [people('What went well')]),
    section('Where we were lucky', [people('Where we were lucky')]),
  ]
  const events = section('Events', [{ kind: 'events', entries: entriesFor(parts, input) }])
  return {
    title: `${incident.id}: ${incident.title}`,
    badges: [
      ...(incident.drill ? ['DRILL'] : []),
      severityName(incident.severity),
      incident.state,
      incident.service,
    ],
    sections: [...parts, events],
  }
}

function summarise({ incident, state }: ReportInput): Sentence[] {
  const { times, openedBy, release, target } = incident
  const bad = findRelease(state, release)
  const good = findRelease(state, target)
  const run = incident.runs.findLast(({ verb }) => verb === 'rollback')
  const lasted = spanOf(times.failingSince ?? times.detected, times.resolved)
  const impact = describeImpact(incident.impact)
  return [
    says(ended(`${severityName(incident.severity)} of ${incident.service}: ${incident.title}`), openedBy.seq),
    ...(bad === null
      ? []
      : [says(`It is about ${describeRelease(bad)}, "${bad.subject}".`, liveSeq(incident))]),
    ...(run === undefined || good === null
      ? []
      : [says(`It was rolled back to ${describeRelease(good)}.`, run.startedSeq)]),
    ...(impact.length === 0 ? [] : [says(`${impact.join('; ')}.`, incident.impact.seq ?? openedBy.seq)]),
    says(`Data lost: ${incident.data.lost ?? 'nothing was rolled back'}.`, incident.data.seq ?? openedBy.seq),
    ...(lasted === null ? [] : [says(`It lasted ${lasted}.`, resolvedSeq(incident))]),
    ...(incident.closing === null ? [] : [says(ended(incident.closing), endSeq(incident))]),
  ]
}

/** A person seldom ends a title with a full stop, and here another sentence follows. */
function ended(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}

/** Whatever is pointed to, and the timeline: in order of what happened. */
function entriesFor(sections: readonly Section[], { incident, events }: ReportInput): EventEntry[] {
  const wanted = new Set(sections.flatMap(({ blocks }) => blocks.flatMap(refsOf)))
  const known = new Map<number, EventEntry>(incident.timeline.map(({ kind, ...entry }) => [entry.seq, entry]))
  for (const event of events) {
    if (!wanted.has(event.seq) || known.has(event.seq)) continue
    const { seq, at, recordedAt, type, actor } = event
    known.set(seq, {
      seq,
      at,
      recordedAt,
      type,
      actor,
      text: describeEvent(event)?.text ?? type,
      correctedBy: null,
    })
  }
  return [...known.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.seq - b.seq))
}

function refsOf(block: Block): readonly number[] {
  switch (block.kind) {
    case 'text':
      return block.sentences.flatMap(({ refs }) => refs)
    case 'list':
      return block.items.flatMap(({ refs }) => refs)
    case 'table':
      return block.rows.flatMap(({ refs }) => refs)
    case 'chart':
      return block.caption.refs
    default:
      return []
  }
}

function section(title: string, blocks: Block[]): Section {
  return { id: title.toLowerCase().replaceAll(' ', '-'), title, blocks }
}

function people(slot: keyof typeof EDIT_SLOTS): Block {
  return { kind: 'people', slot, questions: [...EDIT_SLOTS[slot]] }
}
