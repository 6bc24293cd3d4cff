import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { buildJsonSchema } from './json-schema.ts'

test('the published schema is current', () => {
  const published = readFileSync(new URL('../../schema/lastgood.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(published), 'run: npx tsx scripts/generate-schema.ts').toEqual(
    JSON.parse(JSON.stringify(buildJsonSchema())),
  )
})

test('every key is described: it is the help in the editor', () => {
  expect(undescribed(buildJsonSchema(), '')).toEqual([])
})

test('asks for three keys and allows no unknown one', () => {
  expect(buildJsonSchema()).toMatchObject({
    required: ['service', 'url', 'runtime'],
    additionalProperties: false,
  })
})

function undescribed(schema: unknown, path: string): string[] {
  if (!(schema instanceof Object)) return []
  return Object.entries(schema).flatMap(([word, inner]) => {
    if (word !== 'properties') return undescribed(inner, path)
    return Object.entries(inner).flatMap(([key, property]) => {
      const described = property instanceof Object && 'description' in property && property.description !== ''
      return [...(described ? [] : [`${path}.${key}`]), ...undescribed(property, `${path}.${key}`)]
    })
  })
}
