import type { JournalEvent } from '../../domain/event.ts'
import type { CheckedItem } from '../../domain/incident/checklist.ts'
import { PHASE_TITLES } from '../../domain/incident/checklist-items.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { severityName } from '../../domain/incident/severity.ts'
import { describeEvent } from '../../domain/incident/timeline.ts'
import { describeRelease } from '../../domain/release.ts'
import { findRelease, type ServiceState } from '../../domain/service-state.ts'
import { describeEvidence } from '../evidence-text.ts'
import { formatMs } from '../format.ts'
import { describeImpact, showTime, spanOf } from '../incident-text.ts'
import { findingChart, stagesChart, stagesOf } from './charts.ts'
import { composeDeploy } from './compose-deploy.ts'
import { EDIT_SLOTS } from './edits.ts'
import { type Block, type EventEntry, type Report, type Section, type Sentence, says } from './report.ts'

export interface ReportInput {
  incident: Incident
  state: ServiceState
  checklist: readonly CheckedItem[]
  /** Of the service, in order; the report points to some of them. */
  events: readonly JournalEvent[]
}

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
    says(`${severityName(incident.severity)} of ${incident.service}: ${incident.title}`, openedBy.seq),
    ...(bad === null
      ? []
      : [says(`It is about ${describeRelease(bad)}, "${bad.subject}".`, liveSeq(incident))]),
    ...(run === undefined || good === null
      ? []
      : [says(`It was rolled back to ${describeRelease(good)}.`, run.startedSeq)]),
    ...(impact.length === 0 ? [] : [says(`${impact.join('; ')}.`, incident.impact.seq ?? openedBy.seq)]),
    says(`Data lost: ${incident.data.lost ?? 'nothing was rolled back'}.`, incident.data.seq ?? openedBy.seq),
    ...(lasted === null ? [] : [says(`It lasted ${lasted}.`, endSeq(incident))]),
    ...(incident.closing === null ? [] : [says(incident.closing, endSeq(incident))]),
  ]
}

function composeTimes({ incident, events }: ReportInput): Block[] {
  const { times } = incident
  const named: [string, string | null, readonly string[]][] = [
    ['Deployed', times.deployed, ['ReleaseWentLive']],
    ['Failing since', times.failingSince, ['FindingRecorded', 'IncidentNoted']],
    [
      'Detected',
      times.detected,
      ['FindingRecorded', 'VerdictReached', 'RunStarted', 'IncidentOpened', 'IncidentNoted'],
    ],
    ['Rollback started', times.rollbackStarted, ['RunStarted']],
    ['Acknowledged', times.acknowledged, ['IncidentAcknowledged', 'RunStarted']],
    ['Traffic switched', times.switched, ['StepSucceeded', 'ReleaseWentLive']],
    ['Verified', times.verified, ['VerificationRecorded', 'RunSucceeded']],
    ['Resolved', times.resolved, ['RecoveryJudged', 'IncidentResolved']],
    ['Closed', times.closed, ['IncidentClosed', 'IncidentDismissed']],
  ]
  const known = named.flatMap(([name, at, types]) => (at === null ? [] : [{ name, at, types }]))
  const ordered = known.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  const rows = ordered.map(({ name, at, types }, i) => {
    const found = events.findLast((event) => event.at === at && types.includes(event.type))
    const seq = found?.seq ?? incident.openedBy.seq
    return { cells: [name, `${showTime(at)} UTC`, spanOf(ordered[i - 1]?.at ?? null, at) ?? ''], refs: [seq] }
  })
  const chart = stagesChart(times)
  const words = stagesOf(times).map(({ name, ms }) => `${name} ${formatMs(ms)}`)
  const refs = [...new Set(rows.flatMap((row) => row.refs))]
  return [
    { kind: 'table', label: 'Times', head: ['moment', 'when', 'after the one before'], rows },
    ...(chart === null
      ? []
      : [
          {
            kind: 'chart' as const,
            svg: chart,
            caption: { text: `How long each stage took: ${words.join(', ')}.`, refs },
          },
        ]),
  ]
}

function composeImpact({ incident, state }: ReportInput): Block[] {
  const { impact, openedBy } = incident
  const numbers = describeImpact(impact).map((text) => says(`${text}.`, impact.seq ?? openedBy.seq))
  const texts = impact.texts.map(({ text, by, seq }) => says(`${by}: ${text}`, seq))
  const findings = state.findings.filter(({ id }) => incident.findings.includes(id))
  const seqs = seqsOf(incident, 'FindingRecorded')
  const charts = findings.flatMap((finding, i): Block[] => {
    const svg = findingChart(finding, incident.times)
    const caption = says(`${finding.id}, ${finding.trigger}: ${finding.summary}.`, seqs[i] ?? openedBy.seq)
    return svg === null ? [{ kind: 'text', sentences: [caption] }] : [{ kind: 'chart', svg, caption }]
  })
  const all = [...numbers, ...texts]
  const none = says('Nobody has counted or said it.', openedBy.seq)
  return [{ kind: 'list', items: all.length === 0 ? [none] : all }, ...charts]
}

function tellData({ data, openedBy, runs }: Incident): Sentence[] {
  const { lost, restored, migrationsTakenDown, salvaged } = data
  const first = data.seq ?? openedBy.seq
  return [
    says(
      lost === null ? 'Nothing was rolled back, so no data was lost by it.' : `Data lost: ${lost}.`,
      first,
    ),
    ...(migrationsTakenDown === null
      ? []
      : [says(`Migrations taken down: ${migrationsTakenDown.names.join(', ')}.`, migrationsTakenDown.seq)]),
    ...(restored === null
      ? []
      : [
          says(
            `${restored.checkpoint} took the place of the database${restored.kept === null ? '' : `; the damaged one is kept as ${restored.kept}${restored.keptUntil === null ? '' : ` until ${restored.keptUntil}`}`}.`,
            restored.seq,
          ),
        ]),
    ...salvaged.map(({ tables, seq }) =>
      says(
        `Salvaged: ${tables.map(({ table, rows }) => `${rows} rows of ${table}`).join(', ') || 'no row'}.`,
        seq,
      ),
    ),
    ...(restored !== null && salvaged.length === 0
      ? [
          says(
            'What was written after the checkpoint has not been brought back: lastgood salvage.',
            restored.seq,
          ),
        ]
      : []),
    ...(runs.length === 0
      ? []
      : [
          says(
            `The database was ${restored === null && migrationsTakenDown === null ? 'not changed' : 'changed'} by the rollback.`,
            runs.at(-1)?.startedSeq ?? first,
          ),
        ]),
  ]
}

function composeRuns({ incident }: ReportInput): Block[] {
  if (incident.runs.length === 0)
    return [
      {
        kind: 'text',
        sentences: [says(incident.resolution ?? incident.dismissal ?? 'No run was begun.', endSeq(incident))],
      },
    ]
  const runs = incident.runs.flatMap(({ verb, from, to, status, steps, startedSeq, plan }): Block[] => [
    {
      kind: 'text',
      sentences: [
        says(
          `${verb === 'rollback' ? 'Rollback' : 'Deploy'} ${from ?? 'nothing'} -> ${to}: ${status}.`,
          startedSeq,
        ),
        says(`It was to take ${formatMs(plan.eta.ms)} (${plan.eta.source}).`, startedSeq),
      ],
    },
    {
      kind: 'table',
      label: `Steps of the ${verb} to ${to}`,
      head: ['step', 'outcome', 'took', 'evidence'],
      rows: steps.map(({ kind, ok, ms, evidence, seq }) => ({
        cells: [
          kind,
          ok ? 'done' : evidence.putBack === true ? 'put back' : 'failed',
          formatMs(ms),
          describeEvidence(evidence),
        ],
        refs: [seq],
      })),
    },
  ])
  const end = incident.resolution
  return end === null
    ? runs
    : [...runs, { kind: 'text', sentences: [says(`Resolved: ${end}`, endSeq(incident))] }]
}

function composeChecklist({ checklist }: ReportInput): Block[] {
  const rows = checklist.map(({ phase, title, state, text, seq }) => ({
    cells: [PHASE_TITLES[phase], title, state, text ?? ''],
    refs: seq === null ? [] : [seq],
  }))
  return [
    { kind: 'table', label: 'Checklist', head: ['phase', 'item', 'state', 'evidence, or who said so'], rows },
  ]
}

function composeMessages({ timeline, pages, updates, openedBy }: Incident): Block[] {
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

function composeActions({ actions }: Incident): Block[] {
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

function seqsOf({ timeline }: Incident, type: string): number[] {
  return timeline.flatMap((entry) => (entry.type === type ? [entry.seq] : []))
}

/** The verdict, else what opened it: says which release it is about. */
function liveSeq(incident: Incident): number {
  return seqsOf(incident, 'FindingRecorded')[0] ?? incident.openedBy.seq
}

function endSeq(incident: Incident): number {
  const ends = [
    'IncidentClosed',
    'IncidentDismissed',
    'IncidentResolved',
    'RecoveryJudged',
    'FindingCleared',
    'VerdictEnded',
  ]
  const found = ends.map((type) => seqsOf(incident, type).at(-1)).find((seq) => seq !== undefined)
  return found ?? incident.openedBy.seq
}
