import * as z from 'zod'
import { fileSchema } from './schema.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

const VARIABLE = {
  description: 'A variable of the environment, replaced when the file is read.',
  type: 'string',
  pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}',
} as const

/** The published schema of `lastgood.yaml` as it is written: before variables are replaced and defaults filled in. */
export function buildJsonSchema(): Record<string, unknown> {
  const {
    $schema,
    definitions: _ofZod,
    ...schema
  } = z.toJSONSchema(fileSchema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema, path }) => {
      // JSON of any depth refers to itself, and an editor has nothing to say about it.
      if (path.at(-1) === 'body') keepOnly(jsonSchema, ['description', 'default'])
      else if (path.at(-1) !== 'propertyNames') allowVariables(jsonSchema)
    },
  })
  return {
    $schema,
    title: 'lastgood.yaml',
    description: `Configuration of lastgood for one service. Any value may take \${NAME} from the environment.`,
    ...schema,
    definitions: { variable: VARIABLE },
  }
}

/** `port: ${PORT}` is text when the editor looks at it, whatever it will be. */
function allowVariables(schema: JsonSchema): void {
  const restricted =
    ['pattern', 'enum', 'minimum'].some((word) => word in schema) || schema.type === 'boolean'
  if (!restricted) return
  // Two forms of one number or flag (see wholeNumber) are one to the editor.
  const { description, default: fallback, anyOf: _forms, ...rest } = schema
  keepOnly(schema, ['description', 'default'])
  schema.anyOf = [rest, { $ref: '#/definitions/variable' }]
}

function keepOnly(schema: JsonSchema, words: readonly string[]): void {
  for (const word of Object.keys(schema)) if (!words.includes(word)) delete schema[word]
}
