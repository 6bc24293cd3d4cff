import { existsSync } from 'node:fs'
import { access, constants, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { serves } from '../domain/instance.ts'
import type { Plan } from '../domain/plan.ts'
import { describeRelease, isGoodTarget, type Release, type ReleaseId } from '../domain/release.ts'
import { findRelease, type ServiceState, unfinishedRun } from '../domain/service-state.ts'
import { messageOf } from '../errors/operator-error.ts'
import { planRollback } from '../planner/plan-rollback.ts'
import type { Integrity } from '../ports/release-store.ts'
import { formatMs } from '../render/format.ts'
import { checksOf, runChecks } from '../verify/run-checks.ts'
import { describeServing } from '../verify/verify-service.ts'
import { lookAtDatabase } from './database-facts.ts'
import { diagnoseDatabase } from './diagnose-database.ts'
import { diagnoseIncident } from './diagnose-incident.ts'
import { diagnoseNotify } from './diagnose-notify.ts'
import { type Finding, failed, passed, warned } from './finding.ts'
import { planningInput } from './plan-and-run.ts'
import type { Session } from './session.ts'

const LITTLE_SPACE = 1e9

export async function diagnose(session: Session): Promise<Finding[]> {
  const state = await session.state()
  const runtime = await checkRuntime(session)
  return [
    checkConfiguration(session),
    await checkHome(session),
    await checkJournal(session),
    runtime,
    ...(runtime.outcome === 'passed' ? await checkServing(session, state) : []),
    checkUnfinished(state),
    await checkTarget(session, state),
    ...(await diagnoseDatabase(session, state)),
    ...(runtime.outcome === 'passed' ? await tryPlan(session, state) : []),
    ...(runtime.outcome === 'passed' ? await adviseOn(session, state) : []),
    ...(await diagnoseIncident(session)),
    ...(await diagnoseNotify(session)),
    await checkSpace(session),
  ]
}

function checkConfiguration(session: Session): Finding {
  const { configProblem, configPath } = session
  if (configProblem === null) return passed('configuration', `${configPath} is valid`)
  const text = [configProblem.message, ...configProblem.details].join(' ')
  return warned('configuration', `${text} A rollback uses the one kept with what serves.`, configProblem.hint)
}

async function checkHome(session: Session): Promise<Finding> {
  const folder = dirname(session.runbookPath)
  const home = dirname(dirname(folder))
  try {
    await access(nearestFolder(home), constants.W_OK)
    const text = existsSync(home) ? 'can be written' : 'is made by the first deploy'
    return passed('home', `${home} ${text}`)
  } catch (error) {
    return failed('home', messageOf(error), `look at its rights and its disk: ls -ld ${home}`)
  }
}

/** The folder itself, or where it would be made. */
function nearestFolder(path: string): string {
  return existsSync(path) ? path : nearestFolder(dirname(path))
}

async function checkJournal(session: Session): Promise<Finding> {
  const report = await session.journal.verify()
  if (report.ok) return passed('journal', `${report.events} events, the chain is whole`)
  return failed(
    'journal',
    `broken at event ${report.broken?.seq}: ${report.broken?.reason}`,
    'lastgood journal verify',
  )
}

async function checkRuntime(session: Session): Promise<Finding> {
  const available = await session.runtime.available('change')
  if (available.ok) return passed('runtime', `${session.runtime.claim} answers`)
  return failed('runtime', available.detail, available.fix)
}

async function checkServing(session: Session, state: ServiceState): Promise<Finding[]> {
  const serving = (await session.runtime.observe('full')).filter(serves)
  const strangers = serving.filter(({ release }) => release !== state.live)
  const text = describeServing(serving)
  const instances =
    state.live === null
      ? failed(
          'serving',
          `${text}; lastgood has put out nothing`,
          'lastgood adopt takes over what runs; lastgood deploy puts out a release',
        )
      : strangers.length > 0
        ? failed(
            'serving',
            `${text}; only ${state.live} should`,
            `lastgood verify, then ${session.runtime.hints.remove}`,
          )
        : serving.length === 0
          ? failed('serving', `${text}; ${state.live} should`, session.runtime.hints.bringBack)
          : passed('serving', text)
  const checks = checksOf(session.configuration)
  if (checks.length === 0) {
    return [
      instances,
      warned('checks', 'no health or smoke check is configured', 'add health and smoke to the configuration'),
    ]
  }
  const results = await runChecks(session.prober, { url: session.configuration.url }, checks)
  const wrong = results.filter(({ outcome }) => outcome !== 'passed')
  const health =
    wrong.length === 0
      ? passed('checks', `${results.length} health and smoke checks pass`)
      : warned(
          'checks',
          wrong.map(({ name, evidence }) => `${name}: ${evidence}`).join('; '),
          state.live === null ? 'lastgood deploy' : 'lastgood rollback --plan',
        )
  return [instances, health]
}

function checkUnfinished(state: ServiceState): Finding {
  const run = unfinishedRun(state)
  if (run === null) return passed('runs', 'none was cut short')
  return failed('runs', `a ${run.plan.verb} to ${run.plan.to} was cut short`, 'lastgood resume')
}

async function checkTarget(session: Session, state: ServiceState): Promise<Finding> {
  const target = wayBack(state)
  if (target === null) {
    const why = state.live === null ? 'nothing was put out yet' : 'no other release is proven and not bad'
    return failed('way back', why, howToGetOne(state))
  }
  const integrity = await checkAll(session, target.id)
  if (integrity.ok)
    return passed('way back', `${describeRelease(target)}, ${integrity.files} files, all as they were built`)
  return failed(
    'way back',
    `${target.id}: ${integrity.problems.slice(0, 3).join('; ')}`,
    `lastgood deploy ${target.commit ?? ''}`,
  )
}

/** Its files, by content, and what the runtime needs beside them. */
async function checkAll({ store, runtime, service }: Session, release: ReleaseId): Promise<Integrity> {
  const files = await store.checkDeep(service, release)
  if (!files.ok) return files
  // A release of another runtime is none of this one's: that is a problem, and not the end of the look.
  const problems = await store
    .launchRecord(service, release)
    .then((launch) => runtime.missing(release, launch))
    .catch((error: unknown) => [messageOf(error)])
  return problems.length === 0 ? files : { ok: false, problems }
}

function howToGetOne({ live, releases }: ServiceState): string {
  if (live === null) return 'lastgood adopt keeps what runs now; lastgood deploy puts out a first release'
  const others = releases.filter((release) => release.id !== live && release.retiredAt === null)
  const [named] = others.toReversed()
  return named === undefined
    ? `the next lastgood deploy keeps ${live} as the way back, once ${live} is proven (lastgood verify)`
    : `if you know one to be good: lastgood releases mark proven ${named.id} --reason "..."`
}

/** What a rollback would go to, were what serves found to be bad. */
function wayBack(state: ServiceState): Release | null {
  return state.releases.findLast((release) => isGoodTarget(release) && release.id !== state.live) ?? null
}

async function tryPlan(session: Session, state: ServiceState): Promise<Finding[]> {
  try {
    return await checkPlan(session, state)
  } catch (error) {
    return [failed('plan', messageOf(error), 'lastgood rollback --plan')]
  }
}

async function checkPlan(session: Session, state: ServiceState): Promise<Finding[]> {
  const target = wayBack(state)
  if (target === null || state.live === null) return []
  const database = await lookAtDatabase(session, state, target)
  const planned = planRollback({ ...(await planningInput(session, state, target.id)), database }, target.id)
  if ('refused' in planned)
    return [failed('plan', `refused: ${planned.refused.code}`, 'lastgood rollback --plan')]
  const { plan } = planned
  const origin =
    plan.eta.source === 'measured'
      ? `measured in ${plan.eta.runs} ${plan.eta.runs === 1 ? 'run' : 'runs'}`
      : 'a default'
  const gap =
    plan.unavailability.ms === 0 ? 'no gap' : `${formatMs(plan.unavailability.ms)} without an answer`
  const taken = plan.options.find((option) => option.taken)
  return [
    passed('way', `${taken?.name ?? plan.way}, ${gap}`),
    passed(
      'time',
      `traffic moves after ${formatMs(plan.untilSwitched.ms)}, all done after ${formatMs(plan.eta.ms)} (${origin})`,
    ),
    passed('data lost', plan.dataLoss),
    ...standbyAdvice(session, plan),
    ...unprovenAdvice(state),
  ]
}

/** How what serves is run, where that could be better. */
async function adviseOn({ runtime, store, service }: Session, { live }: ServiceState): Promise<Finding[]> {
  if (live === null) return []
  try {
    const advice = await runtime.advise(await store.launchRecord(service, live))
    return advice.map(({ text, fix }) => warned('how it runs', text, fix))
  } catch (error) {
    return [warned('how it runs', messageOf(error), 'lastgood status')]
  }
}

function standbyAdvice(session: Session, { steps }: Plan): Finding[] {
  const boots = steps.some(({ kind }) => kind === 'start-candidate')
  if (session.configuration.standby !== 'warm' || !boots) return []
  return [
    warned(
      'standby',
      'a warm standby is configured and none is waiting',
      'the next deploy or rollback starts one',
    ),
  ]
}

function unprovenAdvice(state: ServiceState): Finding[] {
  const live = findRelease(state, state.live)
  if (live === null || live.proven !== null) return []
  return [
    warned('proof', `${live.id} serves and is not proven yet`, 'lastgood verify, once its bake is over'),
  ]
}

async function checkSpace(session: Session): Promise<Finding> {
  const folder = dirname(dirname(dirname(session.runbookPath)))
  const { bavail, bsize } = await statfs(nearestFolder(folder))
  const free = bavail * bsize
  const text = `${(free / 1e9).toFixed(1)} GB free for releases`
  return free > LITTLE_SPACE
    ? passed('disk', text)
    : warned('disk', text, 'lower keep in the configuration, or free some space')
}
