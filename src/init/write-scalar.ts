import { escapeVariables } from '../domain/replace-variables.ts'

/** Reads as itself in YAML without quotes, in a list as well as in a map. */
const PLAIN = /^[A-Za-z_/][\w./@-]*(?: [\w/][\w./@-]*)*$/
const NOT_TEXT = /^(?:true|false|null|yes|no|on|off)$/i

/** A value as it stands in the file, so that the loader reads back exactly `text`. */
export function writeScalar(text: string): string {
  const escaped = escapeVariables(text)
  return PLAIN.test(escaped) && !NOT_TEXT.test(escaped) ? escaped : JSON.stringify(escaped)
}

/** Names found in a project, made fit for a comment: one line, nothing that could begin another. */
export function writeComment(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').slice(0, 200)
}
