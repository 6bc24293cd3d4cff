/** True for what the server keeps for itself; `n` is pg_namespace. */
const OF_THE_SERVER = `(n.nspname IN ('pg_catalog', 'information_schema') OR n.nspname ~ '^pg_(toast|temp_|toast_temp_)')`

export const OWN_SCHEMA = `NOT ${OF_THE_SERVER}`

/** True for what no extension made: that comes with the extension. */
export function notOfExtension(catalog: string, oid: string): string {
  return `NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e WHERE e.deptype = 'e'
            AND e.classid = '${catalog}'::pg_catalog.regclass AND e.objid = ${oid})`
}

/** FROM and WHERE over relations of the database's own (`c`, in schema `n`); more conditions may follow with AND. */
export const OWN_RELATIONS = `FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE ${OWN_SCHEMA} AND c.relpersistence <> 't' AND ${notOfExtension('pg_catalog.pg_class', 'c.oid')}`
