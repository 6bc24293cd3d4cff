import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf, systemCode } from '../errors/operator-error.ts'
import type { Integrity, LaunchRecord } from '../ports/release-store.ts'
import { type ManifestEntry, readManifest } from './artifact-manifest.ts'
import { checkContents, checkSizes } from './check-files.ts'
import { digestText } from './digest.ts'
import type { ReleasePaths } from './release-paths.ts'
import { type ReleaseRecord, readLaunchRecord, readReleaseRecord } from './release-records.ts'

const named = 5

/** Can it be started again, as it was? Everything that speaks against it, the first few by name. */
export async function checkRelease(paths: ReleasePaths, depth: 'quick' | 'deep'): Promise<Integrity> {
  const [record, launch] = await Promise.all([
    readReleaseRecord(paths.record),
    readLaunchRecord(paths.launch),
  ])
  if (!record.ok && !launch.ok) return { ok: false, problems: [record.problem, launch.problem] }
  const problems = [record, launch].flatMap((read) => (read.ok ? [] : read.problem))
  if (launch.ok) problems.push(...missingEntry(launch.value))
  if (record.ok) problems.push(...(await checkArtifact(paths, record.value, depth)))
  return problems.length === 0 && record.ok
    ? { ok: true, files: record.value.artifact.files }
    : { ok: false, problems: shorten([...new Set(problems)]) }
}

async function checkArtifact(
  paths: ReleasePaths,
  record: ReleaseRecord,
  depth: 'quick' | 'deep',
): Promise<string[]> {
  let entries: ManifestEntry[]
  try {
    const text = await readFile(paths.manifest, 'utf8')
    if (digestText(text) !== record.artifact.manifestSha256) return ['manifest.txt was changed']
    entries = readManifest(text, depth === 'quick' ? 'quick' : 'all')
  } catch (error) {
    return [systemCode(error) === 'ENOENT' ? 'manifest.txt is missing' : `manifest.txt: ${messageOf(error)}`]
  }
  return depth === 'quick' ? checkSizes(paths.artifact, entries) : checkContents(paths.artifact, entries)
}

/** An image has its own inside of it. */
function missingEntry({ directory, runtime }: LaunchRecord): string[] {
  if (runtime.kind !== 'pm2') return []
  const found = statSync(resolve(directory, runtime.script), { throwIfNoEntry: false })
  return found?.isFile() === true ? [] : [`${runtime.script} (the entry script) is missing`]
}

function shorten(problems: string[]): string[] {
  if (problems.length <= named) return problems
  return [...problems.slice(0, named), `and ${problems.length - named} more`]
}
