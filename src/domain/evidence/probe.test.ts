import { expect, test } from 'vitest'
import { addProbe, DEFAULT_PROBE_POLICY, type ProbeState, probeJudgementOf, startProbe } from './index.ts'

const begin = () => startProbe(DEFAULT_PROBE_POLICY)
const ask = (state: ProbeState, answers: string) =>
  [...answers].reduce((before, answer) => addProbe(before, before.probes + 1, answer === '.'), state)

test('two failures in a row right at the start convict', () => {
  expect(probeJudgementOf(begin())).toMatchObject({ outcome: 'undecided', needs: 2 })
  expect(probeJudgementOf(ask(begin(), 'x'))).toMatchObject({ outcome: 'undecided', needs: 1, inARow: 1 })
  expect(probeJudgementOf(ask(begin(), 'xx'))).toMatchObject({ outcome: 'bad', firedAt: 2, failures: 2 })
})

test.for([
  [1, 3],
  [50, 3],
  [100, 3],
  [1_000, 4],
  [5_000, 5],
] as const)('after %i that passed it takes %i in a row', ([passed, needed]) => {
  const state = ask(begin(), '.'.repeat(passed))
  expect(probeJudgementOf(state).needs).toBe(needed)
  expect(probeJudgementOf(ask(state, 'x'.repeat(needed - 1))).outcome).toBe('undecided')
  expect(probeJudgementOf(ask(state, 'x'.repeat(needed))).outcome).toBe('bad')
})

test('a probe that flakes once in a hundred is not failing; one that fails every third time is', () => {
  expect(probeJudgementOf(ask(begin(), `${'.'.repeat(99)}x`.repeat(30))).outcome).toBe('undecided')
  expect(probeJudgementOf(ask(begin(), '..x'.repeat(20))).outcome).toBe('bad')
})

test('a verdict stays, and the state can be saved', () => {
  const bad = ask(begin(), 'xx')
  expect(probeJudgementOf(ask(bad, '.....'))).toMatchObject({ outcome: 'bad', firedAt: 2, needs: null })
  const half = ask(begin(), '.x.')
  expect(ask(JSON.parse(JSON.stringify(half)), 'x')).toEqual(ask(half, 'x'))
})

test('a policy that makes no sense is refused', () => {
  for (const policy of [
    { alpha: 0, flakeRate: 0.01 },
    { alpha: 1e-3, flakeRate: 1 },
  ]) {
    expect(() => startProbe(policy)).toThrow(RangeError)
  }
})
