import { join } from 'node:path'
import type { Lab } from '../open-lab.ts'
import { importImages } from './base-image.ts'
import { findDocker } from './find-docker.ts'
import { type LabEngine, startEngine } from './start-engine.ts'

export type StoreParts = {
  engine: LabEngine
  port: number
  /** As containers reach it: over its Unix socket, which they mount. */
  databaseUrl: string
  /** The folder with that socket. */
  sockets: string
}

/** What the store needs on an engine, whatever runs it there: the engine with its images, and the lab's PostgreSQL. */
export async function openStoreParts(lab: Lab): Promise<StoreParts> {
  const programs = await findDocker()
  if ('missing' in programs) throw new Error(programs.missing)
  const starting = startEngine(lab, programs).then(async (engine) => {
    await importImages(engine, join(lab.dir, 'images'))
    return engine
  })
  const [engine, postgres, port] = await Promise.all([
    starting,
    lab.postgres({ sockets: true }),
    lab.freePort(),
  ])
  const url = new URL(await postgres.createDatabase('store'))
  url.searchParams.set('host', '/var/run/postgresql')
  url.searchParams.set('port', url.port)
  url.host = 'localhost'
  url.port = ''
  return { engine, port, databaseUrl: url.href, sockets: postgres.sockets ?? '' }
}
