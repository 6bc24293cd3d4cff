import { constants } from 'node:fs'
import { access, chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OperatorError } from '../errors/operator-error.ts'
import type { DraftContents, ReleaseDraft } from '../ports/release-writer.ts'
import { writeManifest } from './artifact-manifest.ts'
import { digestText } from './digest.ts'
import type { ReleasePaths } from './release-paths.ts'
import type { ReleaseRecord } from './release-records.ts'
import { removeFolder } from './remove-folder.ts'
import { sealFiles } from './seal-files.ts'
import { storageError } from './storage-error.ts'
import { writeDurably } from './write-durably.ts'

/** An empty one, and nothing left of an earlier one: its log alone is kept. */
export async function beginDraft(
  home: string,
  paths: ReleasePaths,
  isSealed: boolean,
): Promise<ReleaseDraft> {
  if (isSealed) {
    throw new OperatorError('INTERNAL', {
      detail: `${paths.folder} is a sealed release and is not built over.`,
    })
  }
  try {
    await mkdir(home, { recursive: true })
    // Asked first: in a read-only file system, making a folder fails as if its parent were missing.
    await access(home, constants.W_OK)
    await keepLog(paths)
    await removeFolder(paths.folder)
    await mkdir(paths.artifact, { recursive: true })
    await writeFile(paths.log, '')
  } catch (error) {
    throw storageError(error, 'a new release', paths.folder)
  }
  return {
    directory: paths.artifact,
    logFile: paths.log,
    seal: (contents) => seal(paths, contents),
    discard: () => discard(paths),
  }
}

/** The record is written last and is what makes it a release; before it, all of this is an interrupted build. */
async function seal(paths: ReleasePaths, contents: DraftContents): Promise<{ files: number; bytes: number }> {
  try {
    const entries = await sealFiles(paths.artifact)
    const manifest = writeManifest(entries)
    const sealed = { files: entries.length, bytes: entries.reduce((sum, entry) => sum + entry.size, 0) }
    await writeDurably(paths.manifest, manifest, 0o444)
    // Both may hold secrets: the environment, and values written out in the configuration.
    await writeDurably(paths.configuration, contents.configurationText, 0o600)
    await writeDurably(paths.launch, toJson(contents.launch), 0o600)
    await chmod(paths.log, 0o444)
    const record: ReleaseRecord = {
      release: contents.release,
      artifact: { ...sealed, manifestSha256: digestText(manifest) },
    }
    await writeDurably(paths.record, toJson(record), 0o444)
    return sealed
  } catch (error) {
    throw storageError(error, 'a new release', paths.folder)
  }
}

async function discard(paths: ReleasePaths): Promise<{ log: string }> {
  const log = await keepLog(paths).catch(() => paths.log)
  // What cannot be removed now is no release, and goes with the next build of this id.
  await removeFolder(paths.folder).catch(() => undefined)
  return { log }
}

async function keepLog(paths: ReleasePaths): Promise<string> {
  await mkdir(dirname(paths.keptLog), { recursive: true })
  await rename(paths.log, paths.keptLog).catch(() => undefined)
  return paths.keptLog
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
