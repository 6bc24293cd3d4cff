import type { Release, ReleaseId } from '../domain/release.ts'
import type { LaunchRecord } from './release-store.ts'

/** Where a release is made: a draft is filled, then sealed or discarded. Until it is sealed it is no release. */
export interface ReleaseWriter {
  /** Nothing in this folder may become part of a release. */
  readonly home: string
  /**
   * An empty draft. What an interrupted build left under this id is removed first.
   * @throws OperatorError HOME_READ_ONLY, DISK_FULL
   */
  begin(service: string, release: ReleaseId): Promise<ReleaseDraft>
}

export interface ReleaseDraft {
  /** Folder for the artifact, empty. It is also its permanent place, so absolute paths made by a build stay right. */
  directory: string
  /** Output of the build; exists, empty. */
  logFile: string
  /**
   * Records and makes it immutable. Durable when it returns; killed before that, it is no release.
   * @throws OperatorError UNSAFE_LINK, DISK_FULL
   */
  seal(contents: DraftContents): Promise<{ files: number; bytes: number }>
  /** Removes all of it but the log; returns where the log is now. Never throws: the reason to discard matters more. */
  discard(): Promise<{ log: string }>
}

export interface DraftContents {
  release: Release
  launch: LaunchRecord
  configurationText: string
}
