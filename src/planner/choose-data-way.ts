import type { DatabaseFacts, DataWay, FittingCheckpoint } from '../domain/database-facts.ts'
import type { Estimate, PlanOption } from '../domain/plan.ts'
import { describeLost } from '../domain/proof.ts'
import type { Release } from '../domain/release.ts'
import { describeWritten } from '../domain/salvage.ts'
import { type Refusal, refuse } from './refusal.ts'

export interface DataRequest {
  /** The operator's own word; null: the cheapest way that is proven. */
  way: DataWay | null
  /** The rows themselves are wrong: no code and no migration mends that. */
  corrupt: boolean
}

export interface ChosenData {
  way: DataWay
  options: PlanOption[]
  /** What of the data is lost, in words. */
  loss: string
}

/** Of the whole plan, with the data going this way. */
export interface WayCost {
  unavailability: Estimate
  eta: Estimate
}

type Verdict = {
  /** It can be done at all. */
  possible: boolean
  /** Nothing speaks for doubt: then lastgood takes it by itself. */
  proven: boolean
  reason: string
}

const NAMES: Record<DataWay, string> = {
  keep: 'leave the database as it is',
  down: 'take the migrations down first',
  restore: 'restore a checkpoint beside, and swap it in',
}

/**
 * The cheapest way that is proven, in this order: code only, down, restore. With nothing proven it holds: what serves goes
 * on serving, and a person decides.
 */
export function chooseDataWay(
  facts: DatabaseFacts,
  target: Release,
  request: DataRequest,
  costOf: (way: DataWay) => WayCost,
): ChosenData | { refused: Refusal } {
  const verdicts: Record<DataWay, Verdict> = {
    keep: judgeKeep(facts, target, request.corrupt),
    down: judgeDown(facts, target, request.corrupt),
    restore: judgeRestore(facts, target),
  }
  const ways = Object.keys(verdicts) as DataWay[]
  const way = request.way ?? ways.find((name) => verdicts[name].proven)
  const listed = ways.map((name) => `${NAMES[name]}: ${verdicts[name].reason}`).join('; ')
  if (way === undefined) return refuse('NO_PROVEN_WAY', { target: target.id, ways: listed })
  if (!verdicts[way].possible)
    return refuse('WAY_IMPOSSIBLE', { way, target: target.id, reason: verdicts[way].reason })
  const cheaper = ways.slice(0, ways.indexOf(way))
  return {
    way,
    loss: describeLoss(way, facts),
    options: ways.map((name) => ({
      name: NAMES[name],
      dataLoss: verdicts[name].possible ? describeLoss(name, facts) : null,
      taken: name === way,
      reason:
        name !== way && verdicts[name].proven && !cheaper.includes(name)
          ? 'possible, and the way taken costs less'
          : verdicts[name].reason,
      unavailability: costOf(name).unavailability,
      eta: verdicts[name].possible ? costOf(name).eta : null,
    })),
  }
}

function judgeKeep({ ahead, missing, proof }: DatabaseFacts, target: Release, corrupt: boolean): Verdict {
  const possible = (proven: boolean, reason: string): Verdict => ({ possible: true, proven, reason })
  if (corrupt) return possible(false, 'the rows themselves are damaged')
  if (missing.length > 0)
    return possible(false, `${target.id} needs ${missing.join(', ')}, which is not applied`)
  if (ahead.length === 0) return possible(true, `the schema is the one that ${target.id} needs`)
  const applied = ahead.join(', ')
  if (proof === null || proof.back !== target.id || proof.oldCodeOnNewSchema === null)
    return possible(false, `nobody has tried ${target.id} with ${applied} applied`)
  const { outcome, checks } = proof.oldCodeOnNewSchema
  const when = proof.at.slice(0, 10)
  if (outcome === 'passed')
    return possible(true, `rehearsed on ${when}: ${target.id} works with ${applied} applied`)
  const wrong = checks.find((check) => check.outcome !== 'passed')
  const detail = wrong === undefined ? '' : ` (${wrong.name}: ${wrong.evidence})`
  return possible(false, `rehearsed on ${when}: ${target.id} does not work with ${applied} applied${detail}`)
}

function judgeDown(
  { ahead, down, proof, problem }: DatabaseFacts,
  target: Release,
  corrupt: boolean,
): Verdict {
  const impossible = (reason: string): Verdict => ({ possible: false, proven: false, reason })
  if (ahead.length === 0) return impossible('there is no migration to take down')
  if (problem !== null) return impossible(problem)
  if (!down.ok) return impossible(down.why)
  const doubtful = (reason: string): Verdict => ({ possible: true, proven: false, reason })
  if (corrupt) return doubtful('taking migrations down mends no row')
  if (proof === null || proof.back !== target.id) return doubtful('it was never rehearsed')
  const { kind, why } = proof.down
  if (kind === 'reversible' || kind === 'lossy')
    return { possible: true, proven: true, reason: `rehearsed on ${proof.at.slice(0, 10)}: ${kind}` }
  return doubtful(`rehearsed on ${proof.at.slice(0, 10)}: ${kind}${why === null ? '' : `, ${why}`}`)
}

function judgeRestore({ checkpoint, problem }: DatabaseFacts, target: Release): Verdict {
  const impossible = (reason: string): Verdict => ({ possible: false, proven: false, reason })
  if (problem !== null) return impossible(problem)
  if (checkpoint === null) return impossible(`no checkpoint has the schema of ${target.id}`)
  const { id, createdAt, verified } = checkpoint
  const tried = verified ? 'restored for trial before' : 'compared with its record before it is swapped in'
  return { possible: true, proven: true, reason: `${id} of ${createdAt.slice(0, 16)}, ${tried}` }
}

function describeLoss(way: DataWay, { ahead, proof, checkpoint, lostByDown }: DatabaseFacts): string {
  if (way === 'keep') return 'none: the database is not touched'
  if (way === 'restore') return checkpoint === null ? 'unknown' : describeLeft(checkpoint)
  if (proof === null) return `what ${ahead.join(', ')} brought; nobody has counted it`
  const lost = (lostByDown ?? proof.down.lost).filter(({ rows }) => rows > 0)
  if (lost.length === 0) return `none: taking ${ahead.join(', ')} down lost no value in the rehearsal`
  return `${lostByDown === null ? 'as rehearsed' : 'counted now'}: ${describeLost(lost)}`
}

function describeLeft({ id, createdAt, written }: FittingCheckpoint): string {
  const since = `since ${id} (${createdAt.slice(0, 16)})`
  if (written === null)
    return `what was written ${since}, not counted; the damaged database is kept, for lastgood salvage`
  if (written.length === 0) return `none: nothing was written ${since}`
  return `written ${since}: ${describeWritten(written)}. It is kept, and lastgood salvage brings it back`
}
