import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrFail } from '../../lab/run.ts'

/** An archive for `docker load`, of an image of another architecture: with no file in it, since it is never run. */
export async function archiveForeignImage(dir: string, name: string, architecture: string): Promise<string> {
  // A tar file without a single entry.
  const layer = Buffer.alloc(1024)
  const config = JSON.stringify({
    architecture,
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] },
  })
  await mkdir(dir)
  await writeFile(join(dir, 'layer.tar'), layer)
  await writeFile(join(dir, 'config.json'), config)
  const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }]
  await writeFile(join(dir, 'manifest.json'), JSON.stringify(manifest))
  const archive = `${dir}.tar`
  const env = { PATH: process.env.PATH ?? '' }
  await runOrFail('tar', ['-C', dir, '-cf', archive, 'manifest.json', 'config.json', 'layer.tar'], { env })
  return archive
}
