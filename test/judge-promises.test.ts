import { expect, test } from 'vitest'
import { drawsFrom } from '../bench/detect/draws.ts'
import { falseVerdicts, spellsAreBad } from '../bench/detect/false-verdicts.ts'
import { requestsToVerdict } from '../bench/detect/measure-speed.ts'
import { checkQuickJudge } from '../bench/detect/quick-judge.ts'
import { byDefault, HEALTHY_REQUESTS, steady } from '../bench/detect/scenario.ts'

// What `npm run bench -- detect` measures at length, with the same fixed seeds: nobody may lose it by a change of the rules.

test('the quick judge of the simulations decides as the judge does', () => {
  checkQuickJudge(40)
})

test('a fault is called one within 1.35 times the fewest requests that any test could need', () => {
  for (const { share, ratio } of requestsToVerdict(400)) {
    expect(ratio, `${share * 100} % errors`).toBeLessThanOrEqual(1.35)
    expect(ratio, `${share * 100} % errors`).toBeGreaterThan(1)
  }
})

test('100,000 healthy requests are never called bad, at 1 % errors nor at 3 %', () => {
  for (const share of [0.01, 0.03]) {
    const runs = { rps: 100, share, requests: HEALTHY_REQUESTS, runs: 300 }
    expect(falseVerdicts(byDefault.make, runs, drawsFrom(4)), `${share * 100} %`).toBe(0)
  }
})

test('bursts of ten seconds at a mean of 1 % are called bad in no more than one hour of a thousand', () => {
  const hours = 1_000
  for (const rps of [1, 10, 100]) {
    const draws = drawsFrom(5)
    let bad = 0
    for (let hour = 0; hour < hours; hour++)
      if (spellsAreBad(steady.make(), { rps, seconds: 10, share: 0.01 }, draws)) bad++
    expect(bad, `${rps} requests/s`).toBeLessThanOrEqual(1)
  }
})
