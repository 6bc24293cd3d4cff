import { lstatSync, type Stats } from 'node:fs'
import { open, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { ManifestEntry } from './artifact-manifest.ts'
import { digestFile, digestText, forEachOf } from './digest.ts'

/**
 * Presence, kind and size. Files that are there and not in the manifest are let be: a service that runs with every right
 * may write beside its code, and that must not cost the way back.
 */
export function checkSizes(root: string, entries: readonly ManifestEntry[]): string[] {
  return entries.flatMap((entry) => checkSize(entry, statOf(join(root, entry.path))) ?? [])
}

/** Content as well. */
export async function checkContents(root: string, entries: readonly ManifestEntry[]): Promise<string[]> {
  const problems: string[] = []
  await forEachOf(entries, async (entry) => {
    const path = join(root, entry.path)
    const problem = checkSize(entry, statOf(path)) ?? (await checkContent(entry, path))
    if (problem !== null) problems.push(problem)
  })
  return problems.sort()
}

function checkSize(entry: ManifestEntry, found: Stats | null): string | null {
  if (found === null) return `${entry.path} is missing`
  if (entry.kind === 'link') return found.isSymbolicLink() ? null : `${entry.path} is no longer a link`
  if (!found.isFile()) return `${entry.path} is no longer a file`
  if (found.size !== entry.size) return `${entry.path} has ${found.size} bytes instead of ${entry.size}`
  if (entry.kind === 'program' && (found.mode & 0o100) === 0) return `${entry.path} can no longer be executed`
  return null
}

async function checkContent(entry: ManifestEntry, path: string): Promise<string | null> {
  try {
    const digest = entry.kind === 'link' ? digestText(await readlink(path)) : await digestAt(path, entry.size)
    return digest === entry.digest ? null : `${entry.path} was changed`
  } catch {
    return `${entry.path} cannot be read`
  }
}

async function digestAt(path: string, size: number): Promise<string> {
  const file = await open(path, 'r')
  try {
    return await digestFile(file, size)
  } finally {
    await file.close()
  }
}

/** Synchronous on purpose: some microseconds each, a fifth of what the thread pool takes. */
function statOf(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null
  } catch {
    return null
  }
}
