import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { canMount, mountSmallDisk } from '../../test/support/small-disk.ts'
import { fileWatchMemory } from './file-watch-memory.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watch-memory-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('what was saved last is loaded', async () => {
  const memory = fileWatchMemory(join(folder, 'deep', 'watch.json'))
  expect(await memory.load()).toBe(null)
  await memory.save({ n: 1 })
  await memory.save({ n: 2, text: 'two\nlines' })
  expect(await memory.load()).toEqual({ n: 2, text: 'two\nlines' })
})

test('a damaged one is none', async () => {
  const path = join(folder, 'watch.json')
  const memory = fileWatchMemory(path)
  await memory.save({ n: 100 })
  await writeFile(path, (await readFile(path, 'utf8')).replace('100', '900'))
  expect(await memory.load()).toBe(null)
  await writeFile(path, '')
  expect(await memory.load()).toBe(null)
})

test.skipIf(!canMount())('on a full disk the one before stays, and the reason is said', async () => {
  const place = join(folder, 'small')
  using _ = mountSmallDisk(place)
  const memory = fileWatchMemory(join(place, 'watch.json'))
  await memory.save({ n: 1 })
  await expect(memory.save({ text: 'x'.repeat(4e6) })).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(await memory.load()).toEqual({ n: 1 })
})
