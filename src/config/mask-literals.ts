import { isMap, isScalar } from 'yaml'
import { looksSecret } from '../domain/secrets.ts'
import type { YamlFile } from './yaml-file.ts'

/** The text with every secret that stands in it literally blanked out; a `${NAME}` stays, it gives nothing away. */
export function maskLiterals(text: string, { document }: YamlFile): string {
  const maps = [['env'], ['database'], ['database', 'pgbouncer']].map((path) => document.getIn(path))
  const spots = maps
    .filter(isMap)
    .flatMap(({ items }) => items)
    .flatMap(({ key, value }) => {
      if (!isScalar(key) || !isScalar(value) || !value.range || value.value === null || value.value === '')
        return []
      const source = text.slice(value.range[0], value.range[1])
      const literal = !/^["']?\$\{\w+\}["']?$/.test(source.trim())
      return literal && looksSecret(String(key.value), String(value.value)) ? [value.range] : []
    })
  spots.sort(([a], [b]) => a - b)
  return spots.reduceRight(
    (masked, [start, end]) => `${masked.slice(0, start)}'***'${masked.slice(end)}`,
    text,
  )
}
