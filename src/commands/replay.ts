import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { DEFAULT_POLICY, type JudgePolicy, type LatencyCounts } from '../domain/evidence/index.ts'
import { type Counting, LINES_TO_TELL, tellCounting } from '../domain/replay/counting.ts'
import { type ReplayLine, readReplayLine } from '../domain/replay/replay-line.ts'
import { type Replayed, Replayer } from '../domain/replay/replayer.ts'
import { messageOf, OperatorError } from '../errors/operator-error.ts'
import { evidenceSvg } from '../render/evidence-svg.ts'
import { outcomeOf, replayLines } from '../render/replay-text.ts'
import { readDuration } from './read-duration.ts'
import { readShare } from './read-share.ts'
import type { CommandInput, CommandResult } from './session.ts'

const MOST_SHOWN = 10

type Options = CommandInput['options']

/** Recorded counters through the judge: what it would have found, and when. No service is needed, and none is touched. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const { args, options, world, screen } = input
  const policy = policyFrom(options)
  const counting = countingFrom(options)
  const switchedAt = secondsFrom(options['switched-at'])
  const against = typeof options.against === 'string' ? options.against : null
  const baseline = against === null ? null : await baselineFrom(world.cwd, against, policy, counting)
  const played = await play(world.cwd, args.file ?? '-', { policy, counting, baseline, switchedAt })
  const results = played.replayer.results()
  screen.lines(replayLines({ ...played, results, policy, file: args.file ?? '-' }, screen.width))
  if (typeof options.svg === 'string') await drawTo(resolve(world.cwd, options.svg), results)
  const document = documentOf(played, results)
  if (played.broken.count === 0) return { exit: 0, document }
  const error = new OperatorError(
    'REPLAY_BROKEN_LINES',
    { file: args.file ?? '-', broken: played.broken.count, lines: played.lines },
    { details: played.broken.first },
  )
  return { exit: error.exit, document, error }
}

export interface Played {
  replayer: Replayer
  counting: Counting
  lines: number
  broken: { count: number; first: string[] }
}

interface Play {
  policy: JudgePolicy
  counting: Counting | 'auto'
  baseline: LatencyCounts | null
  switchedAt: number | null
}

/** Line by line: only as many as it takes to tell totals from increments are ever held. */
async function play(cwd: string, file: string, { counting: wanted, ...rest }: Play): Promise<Played> {
  const broken: Played['broken'] = { count: 0, first: [] }
  const held: { number: number; line: ReplayLine }[] = []
  let counting = wanted === 'auto' ? null : wanted
  let replayer: Replayer | null = null
  let lines = 0
  const complain = (number: number, reason: string) => {
    broken.count += 1
    if (broken.first.length < MOST_SHOWN) broken.first.push(`line ${number}: ${reason}`)
  }
  const begin = (): Replayer => {
    counting ??= tellCounting(held.map(({ line }) => line))
    const made = new Replayer({ ...rest, counting })
    for (const { number, line } of held.splice(0)) take(made, number, line)
    return made
  }
  const take = (to: Replayer, number: number, line: ReplayLine) => {
    const reason = to.take(line)
    if (reason !== null) complain(number, reason)
  }
  for await (const text of linesOf(cwd, file)) {
    lines += 1
    if (text.trim() === '') continue
    const read = readReplayLine(text)
    if (!read.ok) {
      complain(lines, read.reason)
      continue
    }
    if (replayer === null) {
      held.push({ number: lines, line: read.line })
      if (counting !== null || held.length >= LINES_TO_TELL) replayer = begin()
    } else take(replayer, lines, read.line)
  }
  replayer ??= begin()
  return { replayer, counting: counting ?? 'increment', lines, broken }
}

async function* linesOf(cwd: string, file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(resolve(cwd, file))
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  } catch (error) {
    throw new OperatorError('REPLAY_UNREADABLE', { file, detail: messageOf(error) }, { cause: error })
  }
}

/** @throws OperatorError REPLAY_NO_BASELINE */
async function baselineFrom(
  cwd: string,
  file: string,
  policy: JudgePolicy,
  counting: Counting | 'auto',
): Promise<LatencyCounts> {
  const { replayer, broken } = await play(cwd, file, { policy, counting, baseline: null, switchedAt: null })
  const { latency } = replayer.total
  if (latency !== null && broken.count === 0) return latency
  const detail = broken.first[0] ?? 'no line of it has latencies'
  throw new OperatorError('REPLAY_NO_BASELINE', { file, detail })
}

function policyFrom(options: Options): JudgePolicy {
  const text = (name: string) => {
    const value = options[name]
    return typeof value === 'string' ? value : null
  }
  const alpha = text('alpha')
  const errorRate = text('error-rate')
  const slowdown = text('slowdown')
  const slot = text('slot')
  return {
    alpha: alpha === null ? DEFAULT_POLICY.alpha : readShare('--alpha', alpha, 0.49, 'replay'),
    errorRate:
      errorRate === null ? DEFAULT_POLICY.errorRate : readShare('--error-rate', errorRate, 0.99, 'replay'),
    slowdown: slowdown === null ? DEFAULT_POLICY.slowdown : readShare('--slowdown', slowdown, 100, 'replay'),
    slotMs: slot === null ? DEFAULT_POLICY.slotMs : slot === 'request' ? 'request' : slotFrom(slot),
  }
}

function slotFrom(text: string): number {
  const ms = readDuration(text, 'replay')
  if (ms > 0) return ms
  throw new OperatorError('USAGE', { detail: 'A slot is longer than nothing: --slot 5s.', command: 'replay' })
}

function countingFrom({ counts }: Options): Counting | 'auto' {
  if (counts === undefined || counts === 'auto') return 'auto'
  if (counts === 'total' || counts === 'increment') return counts
  const detail = `--counts ${JSON.stringify(counts)} is none of auto, total, increment.`
  throw new OperatorError('USAGE', { detail, command: 'replay' })
}

function secondsFrom(text: Options[string]): number | null {
  if (typeof text !== 'string') return null
  const seconds = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(seconds)) return seconds
  const detail = `--switched-at ${JSON.stringify(text)} is no number of seconds.`
  throw new OperatorError('USAGE', { detail, command: 'replay' })
}

function documentOf({ replayer, counting, lines, broken }: Played, results: readonly Replayed[]) {
  const judgements = results.map(({ judgement }) => judgement)
  const outcome = outcomeOf(results)
  const needs = judgements.flatMap(({ needs: each }) => each ?? [])
  return {
    outcome,
    findings: results.flatMap(({ release, judgement }) =>
      judgement.triggers.flatMap(({ trigger, outcome: each, firedAt, requests }) =>
        each === 'bad' && firedAt !== null ? [{ trigger, release, at: firedAt / 1000, requests }] : [],
      ),
    ),
    requests: replayer.total.requests,
    slots: judgements.reduce((sum, { slots }) => sum + slots, 0),
    needs: outcome === 'undecided' && needs.length > 0 ? Math.max(...needs) : null,
    counts: counting,
    lines: { read: lines, broken: broken.count },
    releases: results.map(({ release, judgement }) => ({ release, ...judgement })),
  }
}

/** The first that was found bad, or the first there is. */
async function drawTo(path: string, results: readonly Replayed[]): Promise<void> {
  const bad = results.find(({ judgement }) => judgement.outcome === 'bad') ?? results[0]
  const trigger =
    bad?.judgement.triggers.find(({ outcome }) => outcome === 'bad') ?? bad?.judgement.triggers[0]
  if (bad === undefined || trigger === undefined) return
  const { threshold, history } = trigger
  await writeFile(path, evidenceSvg({ threshold, points: history }, `${trigger.trigger} of ${bad.release}`))
}
