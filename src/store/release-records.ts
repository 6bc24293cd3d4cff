import { readFile } from 'node:fs/promises'
import type { ReleaseSchema } from '../domain/migration.ts'
import type { Release } from '../domain/release.ts'
import { systemCode } from '../errors/operator-error.ts'
import type { LaunchRecord } from '../ports/release-store.ts'

/** release.json: the release as it was when it was built, and what seals its files. */
export interface ReleaseRecord {
  release: Release
  artifact: { files: number; bytes: number; manifestSha256: string }
}

export type Read<T> = { ok: true; value: T } | { ok: false; problem: string }

export function readReleaseRecord(path: string): Promise<Read<ReleaseRecord>> {
  return readRecord(path, 'release.json', isReleaseRecord)
}

export function readLaunchRecord(path: string): Promise<Read<LaunchRecord>> {
  return readRecord(path, 'launch.json', isLaunchRecord)
}

/** schema.json: the migrations of the release, with their way down. */
export function readSchemaRecord(path: string): Promise<Read<ReleaseSchema>> {
  return readRecord(path, 'schema.json', isSchemaRecord)
}

async function readRecord<T>(
  path: string,
  name: string,
  is: (value: unknown) => value is T,
): Promise<Read<T>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return is(value) ? { ok: true, value } : { ok: false, problem: `${name} is not complete` }
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, problem: `${name} is damaged` }
    const code = systemCode(error)
    return {
      ok: false,
      problem: code === 'ENOENT' ? `${name} is missing` : `${name} cannot be read (${code})`,
    }
  }
}

// Written by this program and durable before it counts; what is looked for is a file that was cut short or put there by hand.

function isReleaseRecord(value: unknown): value is ReleaseRecord {
  return (
    hasShape(value, { release: 'object', artifact: 'object' }) && hasShape(value.release, { id: 'string' })
  )
}

function isSchemaRecord(value: unknown): value is ReleaseSchema {
  return hasShape(value, { tool: 'string', migrations: 'object' })
}

function isLaunchRecord(value: unknown): value is LaunchRecord {
  return (
    hasShape(value, { service: 'string', directory: 'string', env: 'object', configuration: 'object' }) &&
    hasShape(value.runtime, { kind: 'string', port: 'number', instances: 'number' })
  )
}

function hasShape(value: unknown, shape: Record<string, string>): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Record<string, unknown>
  return Object.entries(shape).every(([name, type]) => typeof fields[name] === type && fields[name] !== null)
}
