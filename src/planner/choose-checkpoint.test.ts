import { expect, test } from 'vitest'
import type { TemplateOutlook } from '../domain/checkpoint.ts'
import { chooseCheckpoint } from './choose-checkpoint.ts'

const GB = 1e9
const outlook = (is: Partial<TemplateOutlook> = {}): TemplateOutlook => ({
  bytes: GB,
  freeBytes: null,
  made: [],
  ...is,
})
const choose = (is: Partial<TemplateOutlook> = {}, allowedMs = 5000) =>
  chooseCheckpoint({ id: 'c1', template: { allowedMs, outlook: outlook(is) } })

test('where nothing is allowed there is nothing to choose, and nobody waits', () => {
  expect(chooseCheckpoint({ id: 'c1', template: null })).toEqual({
    templatePauseMs: null,
    hold: { ms: 0, source: 'measured', runs: 0 },
    options: [],
  })
})

test('a template where connections are expected to wait no longer than they may', () => {
  const { templatePauseMs, hold, options } = choose()
  expect([templatePauseMs, hold.source]).toEqual([5000, 'default'])
  expect(options.map(({ name, taken }) => [name, taken])).toEqual([
    ['checkpoint: the server copies the database', true],
    ['checkpoint: a dump', false],
  ])
})

test.each([
  ['the last ones took longer', { made: [{ bytes: GB, heldMs: 9000 }] }, /longer than the 5000 ms/],
  ['it has grown', { bytes: 4 * GB, made: [{ bytes: GB, heldMs: 2000 }] }, /longer than the 5000 ms/],
  ['its rehearsal would not fit', { freeBytes: 2.9 * GB }, /too little room/],
])('a dump where %s', (_, is, reason) => {
  const { templatePauseMs, hold, options } = choose(is)
  expect([templatePauseMs, hold.ms]).toEqual([null, 0])
  expect(options[0]).toMatchObject({ taken: false, reason: expect.stringMatching(reason) })
  expect(options[1]).toMatchObject({ taken: true })
})

test('what was measured counts, by the slowest', () => {
  const made = [
    { bytes: GB, heldMs: 300 },
    { bytes: GB / 2, heldMs: 1000 },
  ]
  expect(choose({ made }).hold).toEqual({ ms: 2000, source: 'measured', runs: 2 })
})
