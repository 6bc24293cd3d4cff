/** One request a check makes, and what it expects of the answer. */
export interface HttpCheck {
  name: string
  method: string
  path: string
  requestHeaders: Record<string, string>
  /** Sent as JSON; null: no body. */
  body: unknown
  /** Expected status; null: any 2xx. */
  status: number | null
  /** Expected response headers, compared without case in the name. */
  headers: Record<string, string>
  /** Expected values in the JSON body, by path: `status`, `items.0.id`. */
  json: Record<string, string | number | boolean | null>
  /** Slower than this fails the check, ms. */
  withinMs: number
}
