import type { DatabaseGrant, DatabaseProperties } from '../../domain/checkpoint.ts'
import type { Sql } from './session.ts'

interface Row extends Omit<DatabaseProperties, 'acl' | 'settings' | 'roles'> {
  acl: DatabaseGrant[] | null
  settings: { role: string | null; setting: string }[]
}

/** Of the database that is connected to. Columns that not every version has are read through jsonb. */
export async function readDatabaseProperties(sql: Sql): Promise<DatabaseProperties> {
  const [row] = await sql.query<Row>(`
    SELECT pg_get_userbyid(d.datdba) AS owner, pg_encoding_to_char(d.encoding) AS encoding,
           d.datcollate AS collate, d.datctype AS ctype,
           CASE to_jsonb(d)->>'datlocprovider' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS "localeProvider",
           COALESCE(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale') AS locale,
           (SELECT spcname FROM pg_tablespace WHERE oid = d.dattablespace) AS tablespace,
           d.datconnlimit AS "connectionLimit", shobj_description(d.oid, 'pg_database') AS comment,
           CASE WHEN d.datacl IS NOT NULL THEN (
             SELECT COALESCE(json_agg(json_build_object(
                      'grantee', CASE grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(grantee) END,
                      'privilege', privilege_type, 'grantable', is_grantable)
                      ORDER BY grantee, privilege_type), '[]')
               FROM aclexplode(d.datacl)) END AS acl,
           (SELECT COALESCE(json_agg(json_build_object('role', rolname, 'setting', setting)
                                     ORDER BY rolname NULLS FIRST, setting), '[]')
              FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS setting
             WHERE s.setdatabase = d.oid) AS settings
      FROM pg_database d WHERE d.datname = current_database()`)
  if (row === undefined) throw new Error('the database that is connected to is not among the databases')
  return { ...row, roles: await rolesOf(sql) }
}

/** pg_shdepend leaves out the role that made the cluster, so the owners are read as well. */
async function rolesOf(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(`
    WITH database AS (SELECT oid, datdba FROM pg_database WHERE datname = current_database()), role AS (
      SELECT refobjid AS oid FROM pg_shdepend, database
       WHERE refclassid = 'pg_authid'::regclass
         AND (dbid = database.oid OR (classid = 'pg_database'::regclass AND objid = database.oid))
      UNION SELECT datdba FROM database
      UNION SELECT relowner FROM pg_class WHERE oid >= 16384 AND relpersistence <> 't'
      UNION SELECT nspowner FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_(toast_)?temp_'
      UNION SELECT proowner FROM pg_proc WHERE oid >= 16384
      UNION SELECT setrole FROM pg_db_role_setting, database WHERE setdatabase = database.oid)
    SELECT rolname AS name FROM pg_roles JOIN role USING (oid) WHERE rolname !~ '^pg_' ORDER BY rolname`)
  return rows.map(({ name }) => name)
}
