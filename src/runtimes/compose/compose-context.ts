import { join } from 'node:path'
import type { Engine } from '../../docker/engine.ts'
import type { ReleaseId } from '../../domain/release.ts'
import type { Clock } from '../../ports/clock.ts'
import { unitName } from './commands.ts'
import type { ComposeProgram } from './compose-program.ts'
import type { Router } from './routers/router.ts'

/** What every operation of the driver works with. */
export interface ComposeContext {
  engine: Engine
  program: ComposeProgram
  /** Name of the service in lastgood. */
  service: string
  home: string
  /** Of the user: releases run as `<project>-<release>`. */
  project: string
  /** The service, as the user's Compose file calls it. */
  composeService: string
  /** Null: nothing routes, the host's port goes straight to the container. */
  router: Router | null
  /** Private to this user; containers see one folder in it. */
  runFolder: string
  /** What the containers of a release said is kept here when they are removed. */
  logFolder: string
  /** What the engine was told to make each release's containers; private to this user. */
  containerFolder: string
  /** Puts the agent where the containers load it from, and says where its entry file is. */
  installAgent(): Promise<string>
  clock: Clock
  /** Called inside the switch, between what it does; see executor/crash-points. */
  crash: (point: string) => void
  /** Containers that ran before lastgood came, under the service's plain name: which release they are. */
  adopted: { release: ReleaseId; unit: string } | null
}

export const POLL_MS = 25

/** Everything but the file: a release whose containers are gone still has what they said. */
export function logPath({ logFolder, project }: ComposeContext, release: ReleaseId): string {
  return join(logFolder, `${unitName(project, release)}.log`)
}
