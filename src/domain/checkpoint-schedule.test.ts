import { expect, test } from 'vitest'
import { keptCheckpoint } from '../../test/support/kept-checkpoint.ts'
import { checkpointDue } from './checkpoint-schedule.ts'

const HOUR = 3_600_000
const NOW = Date.parse('2026-03-02T00:00:00Z')
const kept = (id: string, hoursAgo: number, ok?: boolean) =>
  keptCheckpoint(id, {
    createdAt: new Date(NOW - hoursAgo * HOUR).toISOString(),
    ...(ok === undefined ? {} : { ok }),
  })
const due = (...all: Parameters<typeof checkpointDue>[0]) => checkpointDue(all, 24 * HOUR, NOW)

test('due when the newest good one is as old as the time between two, overdue half of that later', () => {
  expect(due(kept('c1', 90), kept('c2', 23))).toEqual({
    due: false,
    overdue: false,
    nextAt: '2026-03-02T01:00:00.000Z',
  })
  expect(due(kept('c1', 24))).toEqual({ due: true, overdue: false, nextAt: '2026-03-02T00:00:00.000Z' })
  expect(due(kept('c1', 36))).toMatchObject({ due: true, overdue: false })
  expect(due(kept('c1', 36.1))).toMatchObject({ due: true, overdue: true })
})

test('what is no way back does not count, and none at all is overdue', () => {
  expect(
    due(kept('c1', 30), kept('c2', 1, false), { id: 'c3', readable: false, problem: 'cut' }),
  ).toMatchObject({
    due: true,
    nextAt: '2026-03-01T18:00:00.000Z',
  })
  expect(due()).toEqual({ due: true, overdue: true, nextAt: '2026-03-02T00:00:00.000Z' })
})
