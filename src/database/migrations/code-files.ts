import { join } from 'node:path'
import type { KnownMigration } from '../../domain/migration.ts'
import { checksumOf } from './sql-text.ts'
import type { Described } from './tool.ts'

/** JavaScript and TypeScript; declarations and maps lie beside compiled ones and are none. */
export function isCode(file: string): boolean {
  return /\.(js|cjs|mjs|ts|mts|cts)$/.test(file) && !/\.d\.[cm]?ts$/.test(file)
}

export function isTypeScript(file: string): boolean {
  return /\.[cm]?ts$/.test(file)
}

export function withoutExtension(file: string): string {
  return file.replace(/\.[^.]+$/, '')
}

/** One migration a file, with `up` and `down` as exports; files that export no `up` are something else. */
export async function describeCode(
  { folder, files, text, inspect }: Described,
  nameOf: (file: string) => string,
  hasDown: (down: string) => boolean = (down) => down === 'function',
): Promise<KnownMigration[]> {
  const code = files.filter(isCode)
  const inspected = await inspect(code)
  const known: KnownMigration[] = []
  for (const file of code) {
    const found = inspected.find((entry) => entry.file === join(folder, file))
    if (found?.up !== 'function') continue
    known.push({
      name: nameOf(file),
      title: nameOf(file),
      checksum: checksumOf(await text(file)),
      down: hasDown(found.down) ? 'code' : 'none',
    })
  }
  return known
}
