import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FoundDockerfile } from './findings.ts'

const INSTALLS = /^\s*RUN\b.*\b(npm|pnpm|yarn)\b/im

/** Null: there is none, or it cannot be read. */
export async function findDockerfile(directory: string): Promise<FoundDockerfile | null> {
  const text = await readFile(join(directory, 'Dockerfile'), 'utf8').catch(() => null)
  return text === null ? null : { installs: INSTALLS.test(text) }
}
