import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfiguration } from './load-configuration.ts'

const LEAST = 'service: store\nurl: http://127.0.0.1:3000\nruntime:\n  app: store\n'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lastgood-config-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function written(text: string | Uint8Array): Promise<string> {
  const file = join(folder, 'lastgood.yaml')
  await writeFile(file, text)
  return file
}

test('resolves the paths that belong to no release against the file', async () => {
  const file = await written(
    `${LEAST}  program: node_modules/.bin/pm2\n  home: ~/pm2\n  script: dist/index.js\nsource: { repository: .. }\n`,
  )
  const { configuration, path } = await loadConfiguration(file, { HOME: '/home/me' })
  expect(path).toBe(file)
  expect(configuration.source.repository).toBe(tmpdir())
  expect(configuration.runtime).toMatchObject({
    program: join(folder, 'node_modules/.bin/pm2'),
    home: '/home/me/pm2',
    script: 'dist/index.js',
  })
})

test('a bare program name stays one, to be looked for on PATH', async () => {
  const { configuration } = await loadConfiguration(await written(`${LEAST}  program: pm2\n`), {})
  expect(configuration.runtime.kind === 'pm2' && configuration.runtime.program).toBe('pm2')
})

test('reads what an editor on Windows wrote', async () => {
  const { configuration } = await loadConfiguration(
    await written(`\uFEFF${LEAST.replaceAll('\n', '\r\n')}`),
    {},
  )
  expect(configuration.service).toBe('store')
})

test('says where the file was looked for', async () => {
  const path = join(folder, 'absent.yaml')
  await expect(loadConfiguration(path, {})).rejects.toMatchObject({ code: 'NO_CONFIG', params: { path } })
})

test('reports as editors and terminals make links of', async () => {
  await expect(
    loadConfiguration(await written(`${LEAST}  kind: docker\nkep: 1\n`), {}),
  ).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    exit: 2,
    params: { count: 2 },
    details: [
      'lastgood.yaml:5:9  runtime.kind: is no known runtime; one of: pm2, compose, swarm',
      'lastgood.yaml:6:1  kep: is no setting; did you mean "keep"?',
    ],
  })
})

test.each([
  ['too large', 'a'.repeat(300_000), 'is larger than 256 KiB'],
  ['not UTF-8', Uint8Array.of(0x61, 0xff, 0xfe), 'is not UTF-8'],
])('refuses a file that is %s', async (_, content, expected) => {
  await expect(loadConfiguration(await written(content), {})).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    details: [`lastgood.yaml:1:1  ${expected}`],
  })
})

test('refuses a folder', async () => {
  const path = join(folder, 'lastgood.yaml')
  await mkdir(path)
  await expect(loadConfiguration(path, {})).rejects.toMatchObject({
    details: ['lastgood.yaml:1:1  is not a file'],
  })
})

test.skipIf(process.getuid?.() === 0)('says when it may not read', async () => {
  const file = await written(LEAST)
  await chmod(file, 0)
  await expect(loadConfiguration(file, {})).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})
