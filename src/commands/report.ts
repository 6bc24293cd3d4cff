import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { maskText } from '../domain/mask.ts'
import { messageOf, OperatorError, systemCode } from '../errors/operator-error.ts'
import { actionMarkdown } from '../render/report/action-markdown.ts'
import { composeReport } from '../render/report/compose-report.ts'
import { type Edits, emptyEdits, parseEdits } from '../render/report/edits.ts'
import { reportMarkdown } from '../render/report/report-markdown.ts'
import {
  checklistIn,
  type IncidentSession,
  incidentEvent,
  incidentFolder,
  openIncident,
  recordOn,
} from './incident-session.ts'
import type { CommandInput, CommandResult } from './session.ts'

interface ReportFiles {
  markdown: string
  html: string
  edits: string
}

/** The report of an incident, made anew from the journal, with what people have written into its file of edits. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const printed = input.options.print === true
  const opened = await openIncident(input, { write: !printed, newest: true })
  const { session, incident } = opened
  if (printed) {
    const { report } = await reportOf(opened)
    const text = reportMarkdown(report, await readEdits(editsPath(input, opened)))
    input.screen.lines([text])
    return { exit: 0, document: { incident: incident.id, markdown: text } }
  }
  // It stands from the first time it was asked for; only then is there anything to write down.
  if (incident.reportSeq === null)
    await recordOn(opened, incidentEvent(session, incident.id, 'ReportWritten', {}))
  if (input.options.file === true) await fileActions(input, opened)
  const files = await writeReport(input, opened)
  input.screen.lines([`Report  ${files.html}`, `        ${files.markdown}`, `Yours   ${files.edits}`])
  return { exit: 0, document: { incident: incident.id, ...files } }
}

/** Both forms beside each other; the file of edits is written once, and never again. */
export async function writeReport(input: CommandInput, opened: IncidentSession): Promise<ReportFiles> {
  const folder = folderOf(input, opened)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const files = {
    markdown: join(folder, 'report.md'),
    html: join(folder, 'report.html'),
    edits: editsPath(input, opened),
  }
  await writeFile(files.edits, emptyEdits(opened.incident.id), { mode: 0o600, flag: 'wx' }).catch((error) => {
    if (systemCode(error) !== 'EEXIST') throw error
  })
  const edits = await readEdits(files.edits)
  const { report, secrets } = await reportOf(opened)
  const { reportHtml } = await import('../render/report/report-html.ts')
  await put(files.markdown, maskText(reportMarkdown(report, edits), secrets))
  await put(files.html, maskText(reportHtml(report, edits), secrets))
  return files
}

async function reportOf({ session, incident, log }: IncidentSession) {
  const state = await session.state()
  const deploy = incident.release === null ? [] : (log.deploys.get(incident.release) ?? [])
  const events = await session.journal.read({ seqs: [...deploy, ...incident.timeline.map(({ seq }) => seq)] })
  const checklist = checklistIn({ session, incident })
  return {
    report: composeReport({ incident, state, checklist, events }),
    secrets: session.stepPorts(state).secrets,
  }
}

function folderOf({ options, world }: CommandInput, { session, incident }: IncidentSession): string {
  return typeof options.out === 'string'
    ? resolve(world.cwd, options.out)
    : incidentFolder(session, incident.id)
}

function editsPath(input: CommandInput, opened: IncidentSession): string {
  return join(folderOf(input, opened), 'edits.md')
}

async function readEdits(path: string): Promise<Edits> {
  try {
    return parseEdits(await readFile(path, 'utf8'))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return new Map()
    throw error
  }
}

/** Nobody ever reads half of one. */
async function put(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`
  await writeFile(draft, text, { mode: 0o600 })
  await rename(draft, path)
}

/** Each once, whatever happens in between: what was filed is noted, and what was not noted is found again. */
async function fileActions(input: CommandInput, opened: IncidentSession): Promise<void> {
  const { session, incident } = opened
  const settings = session.configuration.incident.issues
  const left = incident.actions.filter(({ filed, done }) => filed === null && done === null)
  if (settings === null || incident.drill) {
    const why = incident.drill ? 'A drill files nothing' : 'No incident.issues is configured'
    input.screen.line(`${why}; the action items are a list in the report.`)
    return
  }
  const tracker = await input.issueTracker(settings)
  for (const action of left) {
    const marker = `${incident.key}/${action.id}`
    try {
      const { url } = await tracker.file({ marker, ...actionMarkdown(incident, action) })
      await recordOn(opened, incidentEvent(session, incident.id, 'ActionItemFiled', { item: action.id, url }))
      input.screen.line(`${action.id} ${url}`)
    } catch (error) {
      const where = settings.repository
      const params = { where, item: action.id, detail: messageOf(error), incident: incident.id }
      throw new OperatorError('ISSUES_REFUSED', params, { cause: error })
    }
  }
}
