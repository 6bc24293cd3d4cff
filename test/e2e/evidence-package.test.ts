import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import { run } from '../../lab/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Somebody else's program: it has the published package in its node_modules, and nothing else of ours. */
const PROGRAM = `
import { addCounts, DEFAULT_POLICY, type JudgeState, type Judgement, judgementOf, lowerBound, startJudge } from 'lastgood/evidence'

let state: JudgeState = startJudge(DEFAULT_POLICY, { baseline: null, switchedAt: 0 })
for (const second of [1, 2, 3]) state = addCounts(state, second * 1_000, { requests: 10, errors: 10, latency: null })
const judgement: Judgement = judgementOf(JSON.parse(JSON.stringify(state)))
console.log(judgement.outcome, judgement.triggers[0]?.firedAt, Math.ceil(lowerBound(1e-3, 0.3, 0.05)))
`

let lab: Lab
beforeAll(async () => {
  lab = await openLab({ name: 'evidence-package' })
  await mkdir(join(lab.dir, 'node_modules'))
  await symlink(root, join(lab.dir, 'node_modules/lastgood'))
  await writeFile(join(lab.dir, 'package.json'), '{ "type": "module" }')
  await writeFile(join(lab.dir, 'program.ts'), PROGRAM)
})
afterAll(() => lab.close())

test('lastgood/evidence can be imported from the built package, with its types, by a program of another', async () => {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2023,dom']
  const compiled = await run(process.execPath, [compiler, ...options, 'program.ts'], { cwd: lab.dir })
  expect(compiled).toMatchObject({ exitCode: 0, stdout: '' })
  const ran = await run(process.execPath, ['program.js'], { cwd: lab.dir })
  expect(ran).toMatchObject({ exitCode: 0, stdout: 'bad 3000 22' })
})
