import { appendFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { messageFor, settingsFor } from '../../test/support/messages.ts'
import { makeTemporaryFolder } from '../../test/support/temporary-project.ts'
import { fileSink } from './file.ts'

const never = new AbortController().signal

test('one line for each message, once, also after a kill in the middle of one', async () => {
  await using folder = makeTemporaryFolder()
  const path = join(folder.path, 'logs/messages.jsonl')
  const sink = fileSink({ ...settingsFor('').file, path })
  const said = messageFor({ id: 'i7/opened' })
  expect(await sink.deliver(said, null, never)).toMatchObject({ note: 'written' })
  expect(await sink.deliver(said, null, never)).toMatchObject({ note: 'was there already' })
  await appendFile(path, '{"id":"i7/resolved","occasion":"res')
  await sink.deliver(messageFor({ id: 'i7/resolved', occasion: 'resolved' }), null, never)
  const lines = (await readFile(path, 'utf8')).split('\n')
  expect(lines.map((line) => line.slice(0, 20))).toEqual([
    '{"id":"i7/opened","o',
    '{"id":"i7/resolved",',
    '{"id":"i7/resolved",',
    '',
  ])
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({
    id: 'i7/resolved',
    occasion: 'resolved',
    incident: 'i7',
  })
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('where it cannot be written it is tried again', async () => {
  await using folder = makeTemporaryFolder()
  await writeFile(join(folder.path, 'file'), '')
  const sink = fileSink({ ...settingsFor('').file, path: join(folder.path, 'file/messages.jsonl') })
  expect(await sink.deliver(messageFor(), null, never)).toMatchObject({ outcome: 'retry' })
})
