import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { NO_CONTACTS } from '../domain/contacts/contacts.ts'
import { DEFAULT_WATCH } from '../domain/default-watch.ts'
import { DEFAULT_INCIDENT } from '../domain/incident-configuration.ts'
import { isReleaseId } from '../domain/names.ts'
import { NO_NOTIFY } from '../domain/notify/notify-configuration.ts'
import { type Release, type ReleaseId, releaseNumber } from '../domain/release.ts'
import { OperatorError, systemCode } from '../errors/operator-error.ts'
import type { ReleaseStore } from '../ports/release-store.ts'
import type { ReleaseWriter } from '../ports/release-writer.ts'
import { checkRelease } from './check-release.ts'
import { beginDraft } from './release-draft.ts'
import { type ReleasePaths, releasePaths, releasesFolder } from './release-paths.ts'
import { type Read, readLaunchRecord, readReleaseRecord, readSchemaRecord } from './release-records.ts'
import { removeFolder } from './remove-folder.ts'
import { storageError } from './storage-error.ts'
import { writeDurably } from './write-durably.ts'

/** Releases as folders: `<home>/services/<service>/releases/<r1>/`. See release-paths.ts for what is in one. */
export interface FileReleaseStore extends ReleaseStore, ReleaseWriter {
  /** The release as it was when it was built, without what the journal learned since. @throws RELEASE_FILES_GONE */
  release(service: string, release: ReleaseId): Promise<Release>
  /** `lastgood.yaml` as it was when it was built. @throws OperatorError RELEASE_FILES_GONE */
  configurationText(service: string, release: ReleaseId): Promise<string>
  paths(service: string, release: ReleaseId): ReleasePaths
}

export function createFileReleaseStore({ home }: { home: string }): FileReleaseStore {
  const paths = (service: string, release: ReleaseId) => releasePaths(home, service, release)
  const exists = async (service: string, release: ReleaseId) => isThere(paths(service, release).record)
  return {
    home,
    paths,
    exists,
    begin: async (service, release) =>
      beginDraft(home, paths(service, release), await exists(service, release)),
    check: async (service, release) => checkRelease(paths(service, release), 'quick'),
    checkDeep: async (service, release) => checkRelease(paths(service, release), 'deep'),
    async launchRecord(service, release) {
      const at = paths(service, release)
      const launch = await required(at, release, await readLaunchRecord(at.launch))
      // One that was built before there were such sections.
      const later = {
        watch: DEFAULT_WATCH,
        incident: DEFAULT_INCIDENT,
        contacts: NO_CONTACTS,
        cache: null,
        notify: NO_NOTIFY,
        statusPage: null,
      }
      return { ...launch, configuration: { ...later, ...launch.configuration } }
    },
    async release(service, release) {
      const at = paths(service, release)
      return (await required(at, release, await readReleaseRecord(at.record))).release
    },
    async configurationText(service, release) {
      const at = paths(service, release)
      const text = await readFile(at.configuration, 'utf8').catch(() => null)
      const read: Read<string> =
        text === null ? { ok: false, problem: 'lastgood.yaml is missing' } : { ok: true, value: text }
      return required(at, release, read)
    },
    async schema(service, release) {
      const read = await readSchemaRecord(paths(service, release).schema)
      return read.ok ? read.value : null
    },
    async keepSchema(service, release, schema) {
      await writeDurably(paths(service, release).schema, `${JSON.stringify(schema, null, 1)}\n`, 0o600)
    },
    remove: async (service, release) => removeRelease(paths(service, release)),
    list: async (service) => listReleases(releasesFolder(home, service)),
  }
}

/** The record goes first: cut short after that, what is left is no release, and the next try removes it. */
async function removeRelease(at: ReleasePaths): Promise<void> {
  try {
    await rm(at.record, { force: true })
    await removeFolder(at.folder)
  } catch (error) {
    throw storageError(error, 'the list of releases', at.folder)
  }
}

async function listReleases(folder: string): Promise<ReleaseId[]> {
  try {
    const names = await readdir(folder)
    return names.filter(isReleaseId).sort((a, b) => releaseNumber(a) - releaseNumber(b))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}

async function required<T>(at: ReleasePaths, release: ReleaseId, read: Read<T>): Promise<T> {
  if (read.ok) return read.value
  const record = await readReleaseRecord(at.record)
  const ref = record.ok ? record.value.release.ref : 'REF'
  throw new OperatorError('RELEASE_FILES_GONE', { release, detail: read.problem, ref })
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false
    throw error
  }
}
