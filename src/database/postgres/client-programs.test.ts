import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findClientProgram } from './client-programs.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lg-client-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function put(folder: string, text: string): Promise<string> {
  await mkdir(join(dir, folder), { recursive: true })
  await writeFile(join(dir, folder, 'pg_dump'), text, { mode: 0o755 })
  return join(dir, folder)
}

const ofVersion = (version: string) => `\x7fELF...\0pg_dump (PostgreSQL) ${version}\0...`

test('takes the first on PATH that is new enough, not the first', async () => {
  const old = await put('old', ofVersion('96.4'))
  const young = await put('young', ofVersion('98.1'))
  const beta = await put('beta', ofVersion('99beta1'))
  const env = { PATH: [old, young, beta].join(':') }
  expect(await findClientProgram('pg_dump', 96, env)).toBe(join(old, 'pg_dump'))
  expect(await findClientProgram('pg_dump', 97, env)).toBe(join(young, 'pg_dump'))
  expect(await findClientProgram('pg_dump', 99, env)).toBe(join(beta, 'pg_dump'))
})

test('says how old the newest is, when every one is older than the server', async () => {
  const env = { PATH: await put('old', ofVersion('96.4')) }
  const error = { code: 'DB_CLIENT_TOO_OLD', params: { found: 96, major: 97, program: 'pg_dump' } }
  await expect(findClientProgram('pg_dump', 97, env)).rejects.toMatchObject(error)
})

test('takes a script on PATH when nothing better is there', async () => {
  const shim = await put('shim', '#!/bin/sh\nexec elsewhere/pg_dump "$@"\n')
  expect(await findClientProgram('pg_dump', 97, { PATH: shim })).toBe(join(shim, 'pg_dump'))
})

test('finds what the distribution installed, without any PATH', async () => {
  expect(await findClientProgram('psql', 9, {})).toMatch(/psql$/)
})
