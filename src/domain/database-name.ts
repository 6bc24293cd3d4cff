/** PostgreSQL cuts names after 63 bytes without a word; two names that differ only after that would be one. */
const MOST_BYTES = 63

const restoreId = /^[a-z0-9][a-z0-9-]{0,15}$/

/** Short, and safe in a name: `k1`, `20261123-1`. */
export function isRestoreId(text: string): boolean {
  return restoreId.test(text)
}

export function nextName(database: string, restore: string): string {
  return withSuffix(database, `_next_${restore}`)
}

/** @param at epoch ms, printed in UTC; @param taken names that are in use: the next free second is taken then */
export function damagedName(database: string, at: number, taken: readonly string[] = []): string {
  for (let ms = at; ; ms += 1000) {
    const stamp = new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14)
    const name = withSuffix(database, `_bad_${stamp}`)
    if (!taken.includes(name)) return name
  }
}

/** @param token eight hexadecimal digits that no other checkpoint has, so that a database of this name is ours */
export function templateName(database: string, checkpoint: string, token: string): string {
  return withSuffix(database, `_template_${checkpoint}_${token}`)
}

/** What may be dropped with a checkpoint: nothing else has such a name. */
export function isTemplateOf(name: string, checkpoint: string): boolean {
  return new RegExp(`_template_${checkpoint}_[0-9a-f]{8}$`).test(name)
}

/** A name that is too long is cut between characters, and a digest of the whole keeps two of them apart. */
function withSuffix(database: string, suffix: string): string {
  if (bytesOf(database + suffix) <= MOST_BYTES) return database + suffix
  const end = `~${digest(database)}${suffix}`
  let head = ''
  for (const character of database) {
    if (bytesOf(head + character + end) > MOST_BYTES) break
    head += character
  }
  return head + end
}

function bytesOf(text: string): number {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}

/** FNV-1a, six hexadecimal digits. */
function digest(text: string): string {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0').slice(0, 6)
}
