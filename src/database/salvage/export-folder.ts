import { createHash } from 'node:crypto'
import { chmod, type FileHandle, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExportedFile } from '../../domain/salvage.ts'
import { OperatorError, systemCode } from '../../errors/operator-error.ts'
import { isExportedFile, SUMMARY } from './export-names.ts'

/**
 * A folder of ours: 0700, every file 0600 (they hold customers' data), each under its own name only once it is whole. What
 * an earlier export left is replaced.
 * @throws OperatorError SALVAGE_FOLDER_TAKEN
 */
export async function prepareExport(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const names = await readdir(folder)
  const ours = names.filter((name) => isExportedFile(name))
  if (ours.length < names.length) throw new OperatorError('SALVAGE_FOLDER_TAKEN', { path: folder })
  await chmod(folder, 0o700)
  // The summary first: with it gone the rest is known to be unfinished.
  await rm(join(folder, SUMMARY), { force: true })
  for (const name of ours) await rm(join(folder, name), { force: true })
}

export async function writeSummary(folder: string, summary: unknown): Promise<void> {
  const partial = join(folder, `${SUMMARY}.partial`)
  await writeFile(partial, `${JSON.stringify(summary, null, 2)}\n`, { mode: 0o600 })
  await rename(partial, join(folder, SUMMARY))
}

/** One file of an export, made by its first line. */
export class ExportFile {
  readonly #folder: string
  readonly #name: string
  readonly #head: string
  readonly #hash = createHash('sha256')
  #handle: FileHandle | null = null
  #bytes = 0
  #rows = 0

  constructor(folder: string, name: string, head: string) {
    this.#folder = folder
    this.#name = name
    this.#head = head
  }

  async write(text: string, rows: number): Promise<void> {
    try {
      if (this.#handle === null) {
        this.#handle = await open(this.#partial, 'w', 0o600)
        await this.#append(this.#head)
      }
      await this.#append(text)
      this.#rows += rows
    } catch (error) {
      await this.discard()
      throw diskError(error, this.#partial)
    }
  }

  /** Null: nothing was ever written. */
  async finish(tail = ''): Promise<ExportedFile | null> {
    if (this.#handle === null) return null
    if (tail !== '') await this.#append(tail)
    await this.#handle.sync()
    await this.#handle.close()
    this.#handle = null
    await rename(this.#partial, join(this.#folder, this.#name))
    return { name: this.#name, bytes: this.#bytes, rows: this.#rows, sha256: this.#hash.digest('hex') }
  }

  async discard(): Promise<void> {
    await this.#handle?.close().catch(() => {})
    this.#handle = null
  }

  get #partial(): string {
    return join(this.#folder, `${this.#name}.partial`)
  }

  async #append(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    await this.#handle?.writeFile(bytes)
    this.#hash.update(bytes)
    this.#bytes += bytes.length
  }
}

function diskError(error: unknown, path: string): unknown {
  if (systemCode(error) !== 'ENOSPC') return error
  return new OperatorError('DISK_FULL', { what: 'the export', path })
}
