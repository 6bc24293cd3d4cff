export type JsonMap = Record<string, unknown>

export function asMap(value: unknown): JsonMap | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonMap) : null
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

export function mapsIn(value: unknown): JsonMap[] {
  return asList(value)
    .map(asMap)
    .filter((each) => each !== null)
}

export function textIn(map: JsonMap | null, key: string): string | null {
  const value = map?.[key]
  return typeof value === 'string' && value !== '' ? value : null
}
