import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { StatusPage } from '../domain/notify/status-page.ts'
import { messageOf, OperatorError } from '../errors/operator-error.ts'
import { atomFeed, jsonFeed } from './feeds.ts'
import { htmlPage } from './html-page.ts'

/** So often the page says anew as of when it is, while nothing changes. */
const FRESH_MS = 5 * 60_000

/**
 * Writes the page into a folder, each file beside its place and then into it, so that a reader finds it whole. `status.json`
 * comes last: it is what is compared with, so that a write that was cut short is done again.
 * @throws OperatorError STATUS_PAGE_NOT_WRITTEN
 */
export async function publishStatusPage(folder: string, page: StatusPage): Promise<boolean> {
  const written = await readWritten(folder)
  const changed = written === null || essence(written) !== essence(page)
  const age = written === null ? Number.POSITIVE_INFINITY : Date.parse(page.asOf) - Date.parse(written.asOf)
  if (!changed && age >= 0 && age < FRESH_MS) return false
  try {
    await mkdir(folder, { recursive: true })
    await writeWhole(join(folder, 'index.html'), htmlPage(page))
    await writeWhole(join(folder, 'feed.atom'), atomFeed(page))
    await writeWhole(join(folder, 'feed.json'), jsonFeed(page))
    await writeWhole(join(folder, 'status.json'), `${JSON.stringify(page, null, 1)}\n`)
  } catch (error) {
    throw new OperatorError('STATUS_PAGE_NOT_WRITTEN', { folder, detail: messageOf(error) }, { cause: error })
  }
  return changed
}

/** All but what passes by itself: the time, and the share of it that a component was up. */
function essence({ asOf: _, components, ...page }: StatusPage): string {
  const lasting = components.map(({ uptime: __, days, ...component }) => ({
    ...component,
    days: days
      .filter(({ state }) => state !== null && state !== 'operational')
      .map(({ date, state }) => [date, state]),
  }))
  return JSON.stringify({ ...page, components: lasting })
}

async function readWritten(folder: string): Promise<StatusPage | null> {
  try {
    const page: StatusPage = JSON.parse(await readFile(join(folder, 'status.json'), 'utf8'))
    return Array.isArray(page.components) && page.components.every(({ days }) => Array.isArray(days))
      ? page
      : null
  } catch {
    // Not there, or not ours: it is written.
    return null
  }
}

/** Read by a web server, so everybody may. */
async function writeWhole(path: string, text: string): Promise<void> {
  const beside = `${path}.new`
  const file = await open(beside, 'w', 0o644)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
}
