import { readFile } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import { OperatorError } from '../../errors/operator-error.ts'
import type { Connection } from './connection.ts'

export type Tls = false | ConnectionOptions

const MODES = ['disable', 'allow', 'prefer', 'require', 'no-verify', 'verify-ca', 'verify-full']

/** `sslmode` of a url; `ssl=true` and `no-verify` are words of node-postgres. Null: not said. */
export function tlsMode({ parameters }: Connection): string | null {
  const said = parameters.sslmode ?? (/^(true|1)$/.test(parameters.ssl ?? '') ? 'require' : null)
  if (said !== null && !MODES.includes(said)) {
    throw new OperatorError('DB_URL_INVALID', { detail: `sslmode ${said} is none of ${MODES.join(', ')}` })
  }
  return said
}

/** With the meaning that libpq gives the modes, so that pg_dump and we reach the same server in the same way. */
export async function tlsOptions(connection: Connection): Promise<Tls> {
  const mode = tlsMode(connection)
  if (mode === null || mode === 'disable' || mode === 'allow') return false
  const { sslrootcert, sslcert, sslkey } = connection.parameters
  const files: ConnectionOptions = {}
  if (sslrootcert !== undefined && sslrootcert !== 'system') files.ca = await readFile(sslrootcert)
  if (sslcert !== undefined) files.cert = await readFile(sslcert)
  if (sslkey !== undefined) files.key = await readFile(sslkey)
  if (mode === 'verify-full') return files
  const noName = { checkServerIdentity: () => undefined }
  if (mode === 'verify-ca' || (mode === 'require' && sslrootcert !== undefined))
    return { ...files, ...noName }
  return { ...files, rejectUnauthorized: false }
}
