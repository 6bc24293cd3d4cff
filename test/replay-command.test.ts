import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'))
})
afterAll(() => rm(folder, { recursive: true }))

const BIN = new URL('../src/bin.ts', import.meta.url).pathname

async function replay(...args: string[]) {
  return new Promise<{ code: number; text: string; document: Record<string, unknown> }>((resolve) => {
    const words = ['--import', 'tsx', BIN, 'replay', ...args]
    execFile(process.execPath, words, { cwd: new URL('..', import.meta.url).pathname }, (error, stdout) => {
      const code = typeof error?.code === 'number' ? error.code : 0
      resolve({ code, text: stdout, document: args.includes('--json') ? JSON.parse(stdout) : {} })
    })
  })
}

const recorded = (lines: object[]) => `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`

test('an incident, judged against a good time, as a document and for people', async () => {
  const minute = Array.from({ length: 60 }, (_, i) => i + 1)
  const latencies = (ms: number) => Array.from({ length: 20 }, (_, i) => ms + i)
  const good = minute.map((at) => ({
    at,
    release: 'r1',
    requests: 20,
    errors: 0,
    latenciesMs: latencies(20),
  }))
  const bad = minute.map((at) => ({
    at,
    release: 'r2',
    requests: 20,
    errors: 0,
    latenciesMs: latencies(100),
  }))
  await writeFile(join(folder, 'good.jsonl'), recorded(good))
  await writeFile(join(folder, 'bad.jsonl'), recorded(bad))
  const svg = join(folder, 'evidence.svg')
  const against = ['--against', join(folder, 'good.jsonl')]
  const { code, document } = await replay(join(folder, 'bad.jsonl'), ...against, '--svg', svg, '--json')
  expect(code).toBe(0)
  expect(document).toMatchObject({
    outcome: 'bad',
    findings: [{ trigger: 'slowdown', release: 'r2', at: expect.any(Number) }],
    requests: 1200,
    counts: 'increment',
    lines: { read: 60, broken: 0 },
  })
  expect(await readFile(svg, 'utf8')).toMatch(/^<svg/)
  const said = await replay(join(folder, 'bad.jsonl'), ...against)
  expect(said.text).toMatch(/r2 {2}proven bad: it would have gone back/)
  expect(said.text.split('\n').filter((line) => line.length > 80)).toEqual([])
})

test('broken lines are named, left out, and the end is no success', async () => {
  const file = join(folder, 'broken.jsonl')
  const fine = [1, 2, 3].map((at) => JSON.stringify({ at, release: 'r2', requests: 1, errors: 1 }))
  await writeFile(file, [fine[0], 'oops', fine[1], fine[1], fine[2]].join('\n'))
  const { code, document } = await replay(file, '--slot', 'request', '--json')
  expect(code).toBe(14)
  expect(document).toMatchObject({
    code: 'REPLAY_BROKEN_LINES',
    outcome: 'bad',
    findings: [{ requests: 3 }],
    lines: { read: 5, broken: 2 },
    details: [expect.stringMatching(/^line 2: /), expect.stringMatching(/^line 4: a second line/)],
  })
})

test.for([
  [['--error-rate', '500%'], /--error-rate "500%" is no share/],
  [['--slot', '5'], /"5" is no time/],
  [['--counts', 'some'], /--counts "some" is none of/],
] as const)('%s', async ([words, said]) => {
  const { code, document } = await replay('none.jsonl', ...words, '--json')
  expect(code).toBe(2)
  expect(document.message).toMatch(said)
})

test('a file that is not there', async () => {
  const { code, document } = await replay(join(folder, 'none.jsonl'), '--json')
  expect(code).toBe(14)
  expect(document).toMatchObject({ code: 'REPLAY_UNREADABLE', message: expect.stringContaining('ENOENT') })
})
