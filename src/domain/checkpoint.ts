import type { ReleaseId } from './release.ts'

/** Permanent name within a service: `c1`, `c2`, ..., never used twice. */
export type CheckpointId = string

export interface TableContent {
  schema: string
  name: string
  rows: number
  /** Of every row's every column, whatever the order of either; null: not asked for. */
  hash: string | null
  /** Column names, in the order of the key. */
  primaryKey: string[] | null
  /** With its indexes and what is stored out of line. */
  bytes: number
}

export interface SequenceContent {
  schema: string
  name: string
  lastValue: string
  isCalled: boolean
}

export interface ExtensionContent {
  name: string
  version: string
  schema: string
}

/** One thing of the schema, named so that it is found again: columns by name, with their order apart. */
export interface CatalogObject {
  kind: CatalogKind
  name: string
  definition: string
}

export type CatalogKind =
  | 'schema'
  | 'table'
  | 'column'
  | 'column-order'
  | 'constraint'
  | 'index'
  | 'view'
  | 'sequence'
  | 'function'
  | 'type'
  | 'trigger'
  | 'policy'
  | 'rule'
  | 'owner'
  | 'grants'

/** What a database holds. */
export interface DatabaseContent {
  tables: TableContent[]
  sequences: SequenceContent[]
  extensions: ExtensionContent[]
  catalog: CatalogObject[]
  largeObjects: number
}

/** What belongs to a database and is not inside it: a copy into a new one loses it. */
export interface DatabaseProperties {
  owner: string
  encoding: string
  collate: string
  ctype: string
  /** `libc`, `icu` or `builtin`; the locale of the latter two. */
  localeProvider: string
  locale: string | null
  tablespace: string
  /** -1: none. */
  connectionLimit: number
  /** ALTER DATABASE SET, and with a role ALTER ROLE IN DATABASE SET: `{role: null, setting: 'work_mem=8MB'}`. */
  settings: { role: string | null; setting: string }[]
  /** Null: never granted or revoked, so what PostgreSQL gives by itself. */
  acl: DatabaseGrant[] | null
  comment: string | null
  /** That objects are owned by or granted to. */
  roles: string[]
}

export interface DatabaseGrant {
  /** Null: PUBLIC. */
  grantee: string | null
  /** CONNECT, CREATE, TEMPORARY */
  privilege: string
  grantable: boolean
}

/**
 * How a checkpoint is kept. `dump`: files, readable by any server of its version or newer · `template`: a database on the same
 * server, closed to everybody, that restoring copies file by file: seconds, and gone with the disk that it is on.
 */
export type CheckpointKind = 'dump' | 'template'

export interface Template {
  /** Its name; it belongs to this checkpoint alone. */
  database: string
  /** How long new connections had to wait while it was made, ms. */
  heldMs: number
}

/** What a template would cost, seen before it is made. */
export interface TemplateOutlook {
  /** Of the database now. */
  bytes: number
  /** On the server's disk; null: nobody knows. */
  freeBytes: number | null
  /** The templates there are: how large, and how long each kept connections waiting. */
  made: { bytes: number; heldMs: number }[]
}

export interface CheckpointFile {
  name: string
  bytes: number
  sha256: string
}

export interface Checkpoint {
  id: CheckpointId
  service: string
  database: string
  createdAt: string
  /** That served when it was taken. */
  release: ReleaseId | null
  /** Applied then, oldest first. */
  migrations: string[] | null
  /** server_version_num: 150018 */
  serverVersion: number
  /** Of the snapshot of the dump and of this record: what has a younger transaction was written since. */
  snapshotXmin: string
  bytes: number
  /** Of a template there are none. */
  files: CheckpointFile[]
  /** Null: it is a dump. */
  template: Template | null
  content: DatabaseContent
  properties: DatabaseProperties
  ms: number
  reason: string
}

export function kindOf({ template }: Pick<Checkpoint, 'template'>): CheckpointKind {
  return template === null ? 'dump' : 'template'
}

const checkpointId = /^c[1-9]\d{0,8}$/

/** Only what nextCheckpointId makes, so it is safe as one folder name. */
export function isCheckpointId(text: string): boolean {
  return checkpointId.test(text)
}

/** `c12` -> 12. */
export function checkpointNumber(id: CheckpointId): number {
  return Number(id.slice(1))
}

/** @param used every one there ever was, removed ones too */
export function nextCheckpointId(used: readonly CheckpointId[]): CheckpointId {
  return `c${used.reduce((highest, id) => Math.max(highest, checkpointNumber(id)), 0) + 1}`
}

/** 150018 -> 15 */
export function majorVersion(serverVersion: number): number {
  return Math.floor(serverVersion / 10_000)
}

/** What a restore for trial said. */
export interface CheckpointVerification {
  checkpoint: CheckpointId
  at: string
  ok: boolean
  /** What differs, each as a sentence. */
  differences: string[]
  /** Of the restore itself, so of what a restore to go back would take. */
  restoreMs: number
  ms: number
}

/** As it is on disk. */
export type KeptCheckpoint =
  | { id: CheckpointId; readable: true; checkpoint: Checkpoint; verification: CheckpointVerification | null }
  | { id: CheckpointId; readable: false; problem: string }

export interface RetiredCheckpoint {
  id: CheckpointId
  bytes: number
  /** `more than 5 are kept` */
  why: string
}

export function rowsIn({ tables }: DatabaseContent): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0)
}

/** What the journal keeps of one. */
export function checkpointFacts(checkpoint: Checkpoint) {
  const { id, release, bytes, content, ms, reason } = checkpoint
  return {
    checkpoint: id,
    kind: kindOf(checkpoint),
    release,
    bytes,
    tables: content.tables.length,
    rows: rowsIn(content),
    ms,
    reason,
  }
}
