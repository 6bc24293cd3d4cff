import { openFindings } from '../domain/finding.ts'
import { openVerdict, type Verdict } from '../domain/verdict.ts'
import { trafficText } from '../watch/traffic-sense.ts'
import type { WatchNotice } from '../watch/watch-ports.ts'
import type { Look } from '../watch/watcher.ts'
import { countOf, formatMs, wrap } from './format.ts'
import type { Tone } from './screen.ts'

/** `HH:MM:SS` in UTC, as everywhere in the journal. */
const timeOf = (now: number) => new Date(now).toISOString().slice(11, 19)

/** What a watcher has to say, with what to type where a person is needed. */
export function noticeLines(notice: WatchNotice, now: number, width: number): [string, Tone][] {
  const said = (text: string, tone: Tone): [string, Tone][] =>
    wrap(`${timeOf(now)}  ${text}`, width, ' '.repeat(10)).map((line) => [line, tone])
  switch (notice.type) {
    case 'finding': {
      const { id, release, trigger, summary } = notice.finding
      return [
        ...said(`${id} against ${release}, ${trigger}: ${summary}`, 'red'),
        ...said(`explained by: lastgood why ${id}`, 'dim').map(blank),
      ]
    }
    case 'finding-over':
      return said(`${notice.finding} is over: ${notice.reason}`, 'green')
    case 'verdict':
      return verdictLines(notice, now, said)
    case 'verdict-over':
      return said(
        `${notice.verdict} ${notice.how}: ${notice.reason}`,
        notice.how === 'recovered' ? 'green' : 'dim',
      )
    case 'acting':
      return said(`${notice.verdict.id} rolls back to ${notice.verdict.to} now`, 'bold')
    case 'upkeep':
      return said(notice.line, notice.failed ? 'yellow' : 'dim')
    case 'recovery':
      return said(
        `recovery ${notice.outcome}: ${notice.detail}`,
        notice.outcome === 'confirmed' ? 'green' : 'red',
      )
  }
}

/** The time is said once. */
function blank([line, tone]: [string, Tone]): [string, Tone] {
  return [' '.repeat(10) + line.slice(10), tone]
}

function verdictLines(
  { verdict }: Extract<WatchNotice, { type: 'verdict' }>,
  now: number,
  said: (text: string, tone: Tone) => [string, Tone][],
): [string, Tone][] {
  const { id, release, to, decision, reason, actAt, corrupt } = verdict
  const more = (text: string) => said(text, 'dim').map(blank)
  if (decision === 'hold')
    return [
      ...said(`${id}: hold, somebody is needed. ${reason}`, 'red'),
      ...more('look: lastgood status, lastgood verify'),
    ]
  const freeze = corrupt ? more('to stop the damage from spreading first: lastgood freeze') : []
  if (decision === 'ask')
    return [
      ...said(`${id}: ${release} should go back to ${to}`, 'yellow'),
      ...freeze,
      ...more(
        `take it: lastgood rollback ${to}${corrupt ? ' --corrupt' : ''}   call it off: lastgood cancel ${id}`,
      ),
    ]
  const leftMs = Math.max(0, Date.parse(actAt ?? '') - now)
  return [
    ...said(`${id}: rolling ${release} back to ${to} in ${formatMs(leftMs)}`, 'red'),
    ...freeze,
    ...more(`call it off: lastgood cancel ${id} --reason "..."`),
  ]
}

/** One line of `status`. */
export function standingText(verdict: Verdict, now: number): string {
  const { id, decision, to, actAt, reason } = verdict
  if (decision === 'hold') return `${id}: hold. ${reason}`
  if (decision === 'ask') return `${id}: go back to ${to}? lastgood rollback ${to}, or lastgood cancel ${id}`
  const leftMs = Math.max(0, Date.parse(actAt ?? '') - now)
  return `${id}: rolls back to ${to} in ${formatMs(leftMs)}; lastgood cancel ${id}`
}

/** What a watcher sees at this moment: on a terminal drawn anew with each look, elsewhere once a minute. */
export function lookText(look: Look, now: number): string {
  const { state, memory, blind } = look
  if (memory === null) return `${timeOf(now)}  nothing serves that lastgood has put out`
  const open = openFindings(state.findings, memory.release).length
  const verdict = openVerdict(state.verdicts)
  const parts = [
    blind === null ? trafficText(memory.traffic) : `blind: ${blind}`,
    ...(open === 0 ? [] : [`${countOf(open, 'finding')} open`]),
    ...(verdict === null ? [] : [standingText(verdict, now)]),
  ]
  return `${timeOf(now)}  ${memory.release}  ${parts.join('  ')}`
}
