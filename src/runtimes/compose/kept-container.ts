import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ContainerRecord,
  createContainer,
  parseRecord,
  recordContainer,
} from '../../docker/container-record.ts'
import { mapOf } from '../../docker/map-of.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { systemCode } from '../../errors/operator-error.ts'
import type { ComposeLaunch, JsonValue, LaunchRecord } from '../../ports/release-store.ts'
import { unitName } from './commands.ts'
import type { ComposeContext } from './compose-context.ts'
import { containersOf, isProbe } from './observe.ts'

/**
 * What the engine was told by Compose when a release was started for the first time. A way back tells the engine the same,
 * which takes a tenth of a second where Compose takes one or two, and goes back to what has run, whatever Compose would
 * make of the same file by then. It is valid for the very file that it was made from.
 */
export async function keptContainer(
  context: ComposeContext,
  release: ReleaseId,
  file: string,
): Promise<ContainerRecord | null> {
  const text = await readFile(pathOf(context, release), 'utf8').catch(() => null)
  const [digest, ...body] = text?.split('\n') ?? []
  if (digest !== digestOf(file)) return null
  return parseRecord(parseJson(body.join('\n')))
}

/**
 * Once it has been started by Compose. Its environment holds secrets: 0600, as the release's own record is. Where the disk
 * takes nothing, nothing is kept, and the next start asks Compose again.
 */
export async function keepContainer(
  context: ComposeContext,
  release: ReleaseId,
  file: string,
): Promise<void> {
  const own = (await containersOf(context, release)).filter((container) => !isProbe(container))
  const [first] = own
  const record = first === undefined ? null : await recordContainer(context.engine, first.id)
  if (record === null) return
  const path = pathOf(context, release)
  try {
    await mkdir(context.containerFolder, { recursive: true, mode: 0o700 })
    await writeFile(`${path}.writing`, `${digestOf(file)}\n${JSON.stringify(record)}\n`, { mode: 0o600 })
    await rename(`${path}.writing`, path)
  } catch (error) {
    if (systemCode(error) === null) throw error
  }
}

export async function forgetContainer(context: ComposeContext, release: ReleaseId): Promise<void> {
  await rm(pathOf(context, release), { force: true })
}

/** Every container of the release, not started. Null: the engine will not have it so any more, and nothing is left of it. */
export async function createKept(
  { engine }: ComposeContext,
  record: ContainerRecord,
  { runtime }: LaunchRecord<ComposeLaunch>,
): Promise<string[] | null> {
  const count = runtime.instances
  // The engine makes a volume that is not there, empty; Compose says that it is missing.
  const needed = [
    ...Object.values(runtime.volumes).map((name) => `/volumes/${encodeURIComponent(name)}`),
    ...Object.values(runtime.networks).map((name) => `/networks/${encodeURIComponent(name)}`),
  ]
  const there = await Promise.all(needed.map((path) => engine.call('GET', path)))
  if (there.some(({ status }) => status !== 200)) return null
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  const created = await Promise.all(numbers.map((number) => createContainer(engine, record, number)))
  const ids = created.filter((id) => id !== null)
  if (ids.length === count) return ids
  for (const id of ids) await engine.call('DELETE', `/containers/${id}`, { query: { force: '1', v: '1' } })
  return null
}

/** What Compose does besides making a container and starting it, the engine cannot be told. */
export function canBeKept({ runtime }: LaunchRecord<ComposeLaunch>): boolean {
  const files = [...Object.values(runtime.files.secrets), ...Object.values(runtime.files.configs)]
  return files.every(isFile) && runtime.definition.post_start === undefined
}

/** Mounted. One from a variable or a text is copied in. */
function isFile(value: JsonValue): boolean {
  return typeof mapOf(value).file === 'string'
}

function pathOf({ containerFolder, project }: ComposeContext, release: ReleaseId): string {
  return join(containerFolder, `${unitName(project, release)}.json`)
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
