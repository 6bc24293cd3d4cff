import type { FlowStep } from './flow.ts'

/** `{token}`: what an earlier step of the flow has saved under that name. */
const PLACEHOLDER = /\{([A-Za-z][A-Za-z0-9_]*)\}/g
const WHOLE = /^\{([A-Za-z][A-Za-z0-9_]*)\}$/

export const SAVED_NAME = /^[A-Za-z][A-Za-z0-9_]*$/

/** What stands in the answer of an earlier step: any JSON. */
export type Saved = Readonly<Record<string, unknown>>

/** The part of a step in which placeholders are replaced. */
type Fillable = Pick<FlowStep, 'path' | 'requestHeaders' | 'body' | 'headers' | 'json'>

/** Names a step cannot do without, each once, in order. */
export function namesNeeded({ path, requestHeaders, body, headers, json }: Fillable): string[] {
  const found = textsIn([path, requestHeaders, body, headers, json]).flatMap((text) =>
    [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name),
  )
  return [...new Set(found)]
}

export function hasPlaceholder(text: string): boolean {
  return text.search(PLACEHOLDER) !== -1
}

/**
 * The step with every placeholder replaced. A body or an expectation that is nothing but one keeps the type of what was saved
 * (a number stays a number); in a path it is encoded, in a header it is text.
 */
export function fillInSaved<Step extends Fillable>(step: Step, saved: Saved): Step {
  return {
    ...step,
    path: replaceIn(step.path, saved, encodeURIComponent),
    requestHeaders: mapTexts(step.requestHeaders, saved),
    headers: mapTexts(step.headers, saved),
    body: fillInJson(step.body, saved),
    json: fillInJson(step.json, saved),
  }
}

function fillInJson<T>(value: T, saved: Saved): T {
  return replaceDeep(value, saved) as T
}

function replaceDeep(value: unknown, saved: Saved): unknown {
  if (typeof value === 'string') {
    const name = WHOLE.exec(value)?.[1]
    return name !== undefined && Object.hasOwn(saved, name) ? saved[name] : replaceIn(value, saved)
  }
  if (Array.isArray(value)) return value.map((item) => replaceDeep(item, saved))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceDeep(item, saved)]))
}

function mapTexts(texts: Record<string, string>, saved: Saved): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, replaceIn(text, saved)]))
}

function replaceIn(text: string, saved: Saved, encode = (word: string) => word): string {
  return text.replace(PLACEHOLDER, (whole, name: string) =>
    Object.hasOwn(saved, name) ? encode(asText(saved[name])) : whole,
  )
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}
