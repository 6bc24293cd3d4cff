import { readFileSync } from 'node:fs'

/** This package's own version, from its package.json: one folder above both src/ and dist/. */
export const version = readVersion()

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const content: unknown = JSON.parse(text)
  if (typeof content === 'object' && content !== null && 'version' in content) return String(content.version)
  return '0.0.0'
}
