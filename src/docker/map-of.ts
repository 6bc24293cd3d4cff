import type { JsonValue } from '../ports/release-store.ts'

/** A map of a Compose file or of the engine's, and an empty one for whatever else stands there. */
export function mapOf(value: JsonValue | undefined): Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
