import { writeFileSync } from 'node:fs'
import { buildJsonSchema } from '../src/config/json-schema.ts'

const file = new URL('../schema/lastgood.schema.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(buildJsonSchema(), null, 2)}\n`)
