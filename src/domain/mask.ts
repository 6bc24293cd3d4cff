/** What other records are found by; a password that happens to be part of one must not make it unfindable. */
const IDENTIFIERS = new Set([
  'type',
  'service',
  'subject',
  'run',
  'release',
  'id',
  'from',
  'to',
  'step',
  'kind',
  'commit',
  'unit',
  'incident',
  'sink',
  'key',
])

/** Replaces every secret in every text of a value, however deep. Identifiers stay. */
export function maskSecrets<T>(value: T, secrets: readonly string[]): T {
  if (secrets.length === 0) return value
  return mask(value, secrets) as T
}

function mask(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return maskText(value, secrets)
  if (Array.isArray(value)) return value.map((item) => mask(item, secrets))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => {
    const isIdentifier = typeof item === 'string' && IDENTIFIERS.has(key)
    return [key, isIdentifier ? item : mask(item, secrets)] as const
  })
  return Object.fromEntries(entries)
}

/** Also in the forms a secret takes inside a URL, and where it is quoted. */
export function maskText(text: string, secrets: readonly string[]): string {
  let masked = text
  for (const secret of secrets) {
    const quoted = JSON.stringify(secret).slice(1, -1)
    for (const form of new Set([secret, quoted, encodeURIComponent(secret), encodeURI(secret)])) {
      masked = masked.replaceAll(form, '***')
    }
  }
  return masked
}
