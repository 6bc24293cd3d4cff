import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ServiceState } from '../domain/service-state.ts'
import { messageOf } from '../errors/operator-error.ts'
import { type ByHand, runbookMarkdown } from '../render/runbook-text.ts'
import type { Session } from './session.ts'

/** The runbook of every release whose files are there. */
export async function composeRunbook(session: Session, state: ServiceState): Promise<string> {
  const byHand: ByHand[] = []
  for (const release of state.releases) {
    const launch = await session.store.launchRecord(session.service, release.id).catch(() => null)
    if (launch === null) continue
    const described = session.runtime.describe(release.id, launch)
    byHand.push({ release: release.id, directory: launch.directory, ...described })
  }
  const { list, persist } = session.runtime.hints
  const setup = await session.runtimeSetup()
  return runbookMarkdown(session.configuration, state, byHand, { setup, list, persist })
}

/** Kept beside the releases after every run, so that it is there when lastgood is not. Never fails a run. */
export async function writeRunbook(session: Session, state: ServiceState): Promise<string | null> {
  const path = session.runbookPath
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const draft = `${path}.${process.pid}`
    await writeFile(draft, await composeRunbook(session, state), { mode: 0o600 })
    await rename(draft, path)
    return null
  } catch (error) {
    return messageOf(error)
  }
}
