import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { POSTGRES_TOOLS } from './choose-postgres.ts'
import { lookForPostgres } from './look-for-postgres.ts'

let dir: string
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'lg-find-')))
})
afterEach(() => rm(dir, { recursive: true }))

async function makeTools(folder: string, tools: readonly string[]): Promise<string> {
  await mkdir(join(dir, folder), { recursive: true })
  const script = '#!/bin/sh\necho "postgres (PostgreSQL) 16.1"\n'
  for (const tool of tools) await writeFile(join(dir, folder, tool), script, { mode: 0o755 })
  return join(dir, folder)
}

const fromPath = async (path: string) => (await lookForPostgres(path)).filter(({ onPath }) => onPath)

test('finds the folder behind a link when only some tools are linked', async () => {
  const bin = await makeTools('lib/16/bin', POSTGRES_TOOLS)
  await mkdir(join(dir, 'links'))
  await symlink(join(bin, 'initdb'), join(dir, 'links/initdb'))

  expect(await fromPath(join(dir, 'links'))).toEqual([{ bin, onPath: true, major: 16, missing: [] }])
})

test('finds a folder of wrappers', async () => {
  const bin = await makeTools('shims', POSTGRES_TOOLS)
  expect(await fromPath(`/nowhere::${bin}`)).toEqual([{ bin, onPath: true, major: 16, missing: [] }])
})

test('says what a folder lacks', async () => {
  const bin = await makeTools('half', ['postgres', 'initdb', 'pg_ctl'])
  expect(await fromPath(bin)).toEqual([{ bin, onPath: true, major: 16, missing: ['psql', 'pg_dump'] }])
})

test('a folder with client tools only is none', async () => {
  expect(await fromPath(await makeTools('client', ['psql', 'pg_dump']))).toEqual([])
})
