import { expect, test } from 'vitest'
import { addCounts, DEFAULT_POLICY, judgementOf, startJudge } from '../domain/evidence/index.ts'
import type { EvidenceCourse } from '../domain/finding.ts'
import { evidenceChart } from './evidence-chart.ts'
import { evidenceSvg } from './evidence-svg.ts'

/** Ten requests a second; errors from a list of seconds. */
function courseOf(
  errors: (second: number) => number,
  seconds: number,
  startsAt = 0,
  isNew = false,
): EvidenceCourse {
  let state = startJudge(DEFAULT_POLICY, { baseline: null, switchedAt: isNew ? startsAt : null })
  for (let second = 1; second <= seconds; second++) {
    const look = { requests: 10, errors: errors(second), latency: null }
    state = addCounts(state, startsAt + second * 1_000, look)
  }
  const [errorRate] = judgementOf(state).triggers
  return { threshold: errorRate?.threshold ?? 0, points: errorRate?.history ?? [] }
}

const late = courseOf((second) => (second > 600 ? 3 : 0), 720, Date.UTC(2026, 10, 24, 3, 0, 0))
const arrival = courseOf(() => 10, 10, 0, true)
const healthy = courseOf((second) => (second % 50 === 0 ? 1 : 0), 600)

test('as text: a late fault, one that is dead on arrival, and none', async () => {
  const text = [late, arrival, healthy].map((course) => evidenceChart(course, 80).join('\n')).join('\n\n')
  await expect(`${text}\n`).toMatchFileSnapshot('./evidence-chart.golden.txt')
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})

test('as a picture: complete, and it says in words what it shows', async () => {
  const svg = evidenceSvg(late, 'r42: 30 % of the answers were server errors')
  await expect(svg).toMatchFileSnapshot('./evidence-chart.golden.svg')
})

test('what comes from outside stays text', () => {
  const svg = evidenceSvg(arrival, '<script>alert("r1")</script> & \u0000 more')
  expect(svg).not.toContain('<script')
  expect(svg).toContain('&lt;script&gt;alert(&quot;r1&quot;)&lt;/script&gt; &amp;  more')
})

test('with nothing counted there is no chart, and the picture says so', () => {
  expect(evidenceChart({ threshold: 6.9, points: [] }, 80)).toEqual([])
  expect(evidenceSvg({ threshold: 6.9, points: [] }, 'r1')).toContain('Nothing was counted yet.')
})

test('evidence that grows without a verdict does not press the line to the ground', () => {
  const points = [0, 100, 200, 300].map((logE, i) => ({ at: i * 5_000, logE, requests: i, bad: i }))
  const [, ...rows] = evidenceChart({ threshold: Math.log(1000), points }, 80)
  const line = rows.findIndex((row) => row.includes('╌'))
  expect(line).toBeGreaterThan(1)
  expect(line).toBeLessThan(7)
})
