import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import { run } from '../../lab/run.ts'
import { LASTGOOD_BIN } from '../../lab/store-service.ts'

let lab: Lab
let home: string
beforeAll(async () => {
  lab = await openLab({ name: 'launcher' })
  home = join(lab.dir, 'home')
})
afterAll(() => lab.close())

const lastgood = (...args: string[]) =>
  run(process.execPath, [LASTGOOD_BIN, ...args], {
    cwd: lab.dir,
    env: { PATH: process.env.PATH ?? '', HOME: lab.dir, LASTGOOD_HOME: home },
  })
const kept = async () => {
  const [name = '', ...others] = await readdir(join(home, 'cache'))
  expect(others).toEqual([])
  return { path: join(home, 'cache', name), content: await readFile(join(home, 'cache', name)) }
}

test('nothing is kept where there is no home', async () => {
  expect((await lastgood('--version')).exitCode).toBe(0)
  await expect(stat(home)).rejects.toThrow('ENOENT')
})

test('what was compiled is kept for its owner alone, used, and replaced by a command that ran more', async () => {
  await mkdir(home)
  await lastgood('--version')
  const first = await kept()
  expect((await stat(first.path)).mode & 0o777).toBe(0o600)
  const before = await stat(first.path)
  await lastgood('status')
  expect((await stat(first.path)).mtimeMs).toBe(before.mtimeMs)
  await lastgood('rollback')
  expect((await kept()).content.length).toBeGreaterThan(first.content.length)
})

test.each([
  ['cut off', (content: Buffer) => content.subarray(0, content.length / 2)],
  ['empty', () => Buffer.alloc(0)],
  ['changed', (content: Buffer) => Buffer.concat([content.subarray(0, -9), Buffer.from('lastgood!')])],
])('a kept file that is %s is not used, and made anew', async (_, damage) => {
  const { path, content } = await kept()
  await writeFile(path, damage(content))
  const { exitCode, stdout, stderr } = await lastgood('--version')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(/^\d+\.\d+\.\d+$/)
  const remade = await kept()
  expect(remade.content.equals(damage(content))).toBe(false)
  await writeFile(path, content)
})

test('a build or a Node that is gone leaves nothing behind', async () => {
  const { path } = await kept()
  await writeFile(join(home, 'cache', '0123456789abcdef-v18.0.0-x64'), 'old')
  await writeFile(path, '')
  await lastgood('--version')
  await kept()
})
