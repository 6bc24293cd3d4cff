import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../run.ts'
import type { DockerPrograms } from './find-docker.ts'

/** Puts what there is of Docker's plugins where `docker` finds it with this HOME, wherever on this machine they are. */
export async function linkPlugins(home: string, { compose, buildx }: DockerPrograms): Promise<void> {
  const folder = join(home, '.docker/cli-plugins')
  await mkdir(folder, { recursive: true })
  for (const [name, program] of Object.entries({ 'docker-compose': compose, 'docker-buildx': buildx })) {
    if (program === null || !(await isPlugin(program))) continue
    // Engines of one lab are started at the same time.
    await symlink(program, join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** What `docker` itself asks one; docker-compose 1 does not know the word. */
async function isPlugin(program: string): Promise<boolean> {
  const env = { PATH: process.env.PATH ?? '' }
  return (await run(program, ['docker-cli-plugin-metadata'], { env })).exitCode === 0
}
