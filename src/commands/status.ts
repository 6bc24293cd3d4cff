import { openFindings } from '../domain/finding.ts'
import { fixForwardClock } from '../domain/fix-forward.ts'
import { currentIncident } from '../domain/incident/incident.ts'
import { serves } from '../domain/instance.ts'
import { describeRelease, lastKnownGood } from '../domain/release.ts'
import { findRelease, type ServiceState, unfinishedRun } from '../domain/service-state.ts'
import { openVerdict } from '../domain/verdict.ts'
import { formatAge, formatMs, formatTable } from '../render/format.ts'
import { incidentLine } from '../render/incident-text.ts'
import { standingText } from '../render/watch-text.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'
import { watchLeaseName } from './watch-lease.ts'

/** What serves, what it would go back to, and whether anything is under way. Changes nothing. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: false })
  if (session.configProblem) input.screen.warn(session.configProblem)
  const { screen } = input
  const state = await session.state()
  const now = session.clock.now()
  const available = await session.runtime.available('look')
  // They serve on when the runtime is gone, and say so themselves.
  const instances = await session.runtime.observe('quick').catch(() => [])
  const live = findRelease(state, state.live)
  const good = lastKnownGood(state.releases.filter(({ id }) => id !== state.live))
  const standby = instances.filter(({ state: of }) => of === 'holding')
  const unfinished = unfinishedRun(state)
  const incident = currentIncident((await session.incidents()).incidents)
  const lease = await session.journal.current(session.service)
  const watcher = await session.journal.current(watchLeaseName(session.service))

  const noStandby =
    session.configuration.standby === 'warm' ? 'none yet: the next deploy or rollback starts one' : 'none'
  const since = state.liveSince === null ? '' : `, since ${formatAge(state.liveSince, now)}`
  const proven = live === null ? '' : live.proven === null ? ', not proven' : ', proven'
  screen.line(`${session.service}`, 'bold')
  screen.lines(
    formatTable(
      [
        [
          '  serves',
          live === null ? 'nothing that lastgood put out' : `${describeRelease(live)}${proven}${since}`,
        ],
        ['  way back', good === null ? 'none: no other release is proven' : describeRelease(good)],
        ['  watched', watcher === null ? 'by nobody: lastgood watch' : `by ${watcher.holder}`],
        ['  standby', standby.length === 0 ? noStandby : `${standby[0]?.release}, ${standby.length} holding`],
        ...(available.ok ? [] : [['  runtime', available.detail]]),
        ...(lease === null ? [] : [['  at work', `${lease.holder}: ${lease.reason}`]]),
        ...(incident === null ? [] : [['  incident', incidentLine(incident)]]),
        ...(unfinished === null ? [] : [['  unfinished', describeRun(unfinished)]]),
        ...judgeRows(session, state, now),
      ],
      screen.width,
    ),
  )
  if (instances.length > 0) {
    const rows = instances.map((instance) => [
      `  ${instance.id}`,
      instance.release ?? 'unknown',
      instance.state,
      instance.traffic === null ? '' : `${instance.traffic.requests} requests`,
      instance.traffic === null ? '' : `${instance.traffic.serverErrors} errors`,
      instance.traffic === null ? '' : `${instance.traffic.inFlight} in flight`,
    ])
    screen.line('')
    screen.lines(
      formatTable([['  instance', 'release', 'state', 'answered', 'server', 'now'], ...rows], screen.width),
    )
  }
  screen.line('')
  return {
    exit: 0,
    document: {
      service: session.service,
      live: live && { ...live, since: state.liveSince, by: state.liveBy },
      wayBack: good?.id ?? null,
      standby: standby.map(({ release }) => release),
      instances: instances.map((instance) => ({ ...instance, serves: serves(instance) })),
      unfinished: unfinished && { run: unfinished.id, verb: unfinished.plan.verb, status: unfinished.status },
      incident: incident && { id: incident.id, state: incident.state, severity: incident.severity },
      lease,
      watcher,
      findings: openFindings(state.findings, state.live),
      verdict: openVerdict(state.verdicts),
      fixForward: fixForwardClock(state, session.configuration.watch.fixForwardMs),
      verification: state.verification,
    },
  }
}

/** What is open against what serves, what follows, and how long it may still be mended in place. */
function judgeRows(session: Session, state: ServiceState, now: number): string[][] {
  const verdict = openVerdict(state.verdicts)
  const clock = fixForwardClock(state, session.configuration.watch.fixForwardMs)
  const left = clock === null ? 0 : Date.parse(clock.until) - now
  const extended = clock?.extended ? ', extended' : ''
  return [
    ...openFindings(state.findings, state.live).map(({ id, trigger, summary }) => [
      `  ${id}`,
      `${trigger}: ${summary}`,
    ]),
    ...(verdict === null ? [] : [['  verdict', standingText(verdict, now)]]),
    ...(clock === null
      ? []
      : [['  to fix', left > 0 ? `${formatMs(left)} left${extended}: lastgood extend` : 'the time is over']]),
  ]
}

function describeRun(run: NonNullable<ReturnType<typeof unfinishedRun>>): string {
  const how = run.status === 'stopped' ? 'stopped part way' : 'cut short or under way'
  return `${run.plan.verb} to ${run.plan.to}, ${how}: lastgood resume`
}
