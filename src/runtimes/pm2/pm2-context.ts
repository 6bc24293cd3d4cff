import { join } from 'node:path'
import type { ReleaseId } from '../../domain/release.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Pm2Program } from './pm2-program.ts'

/** What every operation of the driver works with. */
export interface Pm2Context {
  program: Pm2Program
  /** PM2 app name of the service; releases run as `<app>-<release>`. */
  app: string
  /** Rehearsals: nothing of it may be taken for what serves. */
  trial: boolean
  runFolder: string
  /** Folder with one folder per release, in the store. */
  releases: string
  /** Puts the agent where the processes load it from, and says where its entry file is. */
  installAgent(): Promise<string>
  clock: Clock
  /** Called inside the switch, between what it does; see executor/crash-points. */
  crash: (point: string) => void
  /** An app that ran before lastgood came, under its own plain name: which release it is, and its folder. */
  adopted: { release: ReleaseId; unit: string; directory: string } | null
}

export const POLL_MS = 15

export const logFolder = ({ program }: Pm2Context): string => join(program.home, 'logs')
