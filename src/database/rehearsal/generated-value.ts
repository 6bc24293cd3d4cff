import { quoteLiteral } from '../postgres/identifier.ts'

export interface GeneratedColumn {
  name: string
  /** `character varying(20)` */
  type: string
  /** `pg_type.typtype` and `typcategory` */
  typtype: string
  category: string
  notNull: boolean
  /** A default, an identity, or generated: left to the server. */
  filledByServer: boolean
  /** Of an enum. */
  labels: string[] | null
}

/** An expression over the row's number `n`; null: the column is left out. */
export function valueFor(column: GeneratedColumn): string | null {
  const { type, typtype, category, labels } = column
  const cast = (expression: string) => `(${expression})::${type}`
  if (typtype === 'e') return labels?.[0] === undefined ? null : cast(quoteLiteral(labels[0]))
  if (category === 'A') return cast(`'{}'`)
  if (type === 'uuid') return 'gen_random_uuid()'
  if (type === 'json' || type === 'jsonb') return cast(`'{}'`)
  if (type === 'bytea') return `'\\x00'::bytea`
  if (type === 'oid') return 'n::oid'
  switch (category) {
    case 'N':
      return /^(numeric|double|real)/.test(type) ? cast('n / 10.0') : cast('n')
    case 'S':
      return cast(`'row ' || n`)
    case 'B':
      return 'n % 2 = 0'
    case 'D':
      return type.startsWith('time ') || type === 'time'
        ? cast(`'12:00'`)
        : cast(`now() - n * interval '1 day'`)
    case 'T':
      return cast(`n * interval '1 minute'`)
    case 'I':
      return cast(`'192.0.2.' || n`)
    default:
      // A type of the project's own: a row without it, where that may be.
      return null
  }
}
