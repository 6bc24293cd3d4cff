import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Checkpoint, CheckpointFile } from '../../domain/checkpoint.ts'
import { systemCode } from '../../errors/operator-error.ts'

/** The folder inside a checkpoint's that pg_dump writes. */
export const DUMP_FOLDER = 'dump'

/** Every file of a dump, by name. */
export async function describeDump(folder: string): Promise<CheckpointFile[]> {
  const names = (await readdir(join(folder, DUMP_FOLDER))).sort()
  const files: CheckpointFile[] = []
  for (const name of names) files.push(await describeFile(folder, `${DUMP_FOLDER}/${name}`))
  return files
}

/** @returns what is wrong with the files, each as a sentence; empty: they are what was written */
export async function checkDump(folder: string, { files }: Pick<Checkpoint, 'files'>): Promise<string[]> {
  const problems: string[] = []
  for (const expected of files) {
    const found = await describeFile(folder, expected.name).catch((error: unknown) => {
      if (systemCode(error) === null) throw error
      return null
    })
    if (found === null) problems.push(`${expected.name} is not there, or cannot be read`)
    else if (found.bytes !== expected.bytes)
      problems.push(`${expected.name} has ${found.bytes} bytes, not ${expected.bytes}`)
    else if (found.sha256 !== expected.sha256) problems.push(`${expected.name} was changed`)
  }
  const known = new Set(files.map(({ name }) => name))
  for (const name of await readdir(join(folder, DUMP_FOLDER)).catch(() => [])) {
    if (!known.has(`${DUMP_FOLDER}/${name}`)) problems.push(`${DUMP_FOLDER}/${name} does not belong there`)
  }
  return problems
}

async function describeFile(folder: string, name: string): Promise<CheckpointFile> {
  const hash = createHash('sha256')
  let bytes = 0
  const source = createReadStream(join(folder, name), { highWaterMark: 1 << 20 })
  await pipeline(source, async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      hash.update(chunk)
      bytes += chunk.length
    }
  })
  return { name, bytes, sha256: hash.digest('hex') }
}
