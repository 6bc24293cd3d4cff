import type { TableName } from '../../domain/salvage.ts'

export const SUMMARY = 'summary.json'

/** What an export writes, finished or not. Anything else in its folder is somebody's. */
const exportedFile =
  /^(summary\.json|\d{2,}-[A-Za-z0-9_.%-]+\.(inserted\.csv|updated\.csv|deleted\.csv|sql))(\.partial)?$/

export function isExportedFile(name: string): boolean {
  return exportedFile.test(name)
}

/**
 * `03-public.orders`: in the order they can be loaded in. Only letters that every file system takes as they are: the others
 * as in an url.
 */
export function exportName(place: number, { schema, name }: TableName): string {
  return `${String(place).padStart(2, '0')}-${plain(schema)}.${plain(name)}`
}

function plain(name: string): string {
  const coded = [...Buffer.from(name)].map((byte) => {
    const char = String.fromCharCode(byte)
    return /[A-Za-z0-9_-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`
  })
  // A file's name has at most 255 bytes; the number in front keeps it unique.
  return coded.join('').slice(0, 100)
}
