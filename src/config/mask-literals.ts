import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml'
import { hasPlaceholder } from '../domain/placeholder.ts'
import { looksSecret } from '../domain/secrets.ts'
import type { YamlFile } from './yaml-file.ts'

/** The text with every secret that stands in it literally blanked out; a `${NAME}` stays, it gives nothing away. */
export function maskLiterals(text: string, { document }: YamlFile): string {
  const maps = [['env'], ['database'], ['database', 'pgbouncer'], ['watch', 'listen']].map((path) =>
    document.getIn(path),
  )
  const sinks = document.getIn(['notify', 'sinks'])
  const ofSinks = isMap(sinks) ? sinks.items.map(({ value }) => value).filter(isMap) : []
  const spots = [...maps, ...sentMaps(document.get('watch'), false), ...ofSinks]
    .filter(isMap)
    .flatMap((map) => map.items.map((item) => ({ ...item, inSink: ofSinks.includes(map) })))
    .flatMap(({ key, value, inSink }) => {
      if (!isScalar(key) || !isScalar(value) || !value.range || value.value === null || value.value === '')
        return []
      const source = text.slice(value.range[0], value.range[1])
      const literal = !/^["']?((Bearer|Basic) +)?\$\{\w+\}["']?$/i.test(source.trim())
      return literal &&
        (looksSecret(String(key.value), String(value.value)) ||
          (inSink && OF_SINKS.has(String(key.value)))) &&
        // `Bearer {token}`: what a step of a flow has saved.
        !hasPlaceholder(String(value.value))
        ? [value.range]
        : []
    })
  spots.sort(([a], [b]) => a - b)
  return spots.reduceRight(
    (masked, [start, end]) => `${masked.slice(0, start)}'***'${masked.slice(end)}`,
    text,
  )
}

/** Addresses that are keys: whoever knows them can post. */
const OF_SINKS = new Set(['webhook', 'url', 'routingKey', 'smtp'])

const SENT = new Set(['headers', 'requestHeaders', 'body'])

/** Maps whose values are sent somewhere, however deep. */
function sentMaps(node: unknown, sent: boolean): YAMLMap[] {
  if (isSeq(node)) return node.items.flatMap((item) => sentMaps(item, sent))
  if (!isMap(node)) return []
  const below = node.items.flatMap(({ key, value }) =>
    sentMaps(value, sent || (isScalar(key) && SENT.has(String(key.value)))),
  )
  return sent ? [node, ...below] : below
}
