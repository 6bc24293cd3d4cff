import type { KeptCheckpoint } from '../../src/domain/checkpoint.ts'

/** One that can be read; `ok` is what its trial said. */
export function keptCheckpoint(
  id: string,
  is: { createdAt: string; bytes?: number; release?: string; ok?: boolean; template?: boolean },
): KeptCheckpoint {
  const { createdAt, bytes = 100, release = null, ok, template = false } = is
  const verification =
    ok === undefined ? null : { checkpoint: id, at: createdAt, ok, differences: [], restoreMs: 1, ms: 1 }
  const content = { tables: [], sequences: [], extensions: [], catalog: [], largeObjects: 0 }
  const properties = {
    owner: 'o',
    encoding: 'UTF8',
    collate: 'C',
    ctype: 'C',
    localeProvider: 'libc',
    locale: null,
    tablespace: 'pg_default',
    connectionLimit: -1,
    settings: [],
    acl: null,
    comment: null,
    roles: [],
  }
  const rest = { service: 's', database: 'd', migrations: null, serverVersion: 150000, snapshotXmin: '1' }
  const checkpoint = {
    ...rest,
    id,
    createdAt,
    release,
    bytes,
    files: [],
    template: template ? { database: `d_template_${id}`, heldMs: 1 } : null,
    content,
    properties,
    ms: 1,
    reason: '',
  }
  return { id, readable: true, verification, checkpoint }
}
