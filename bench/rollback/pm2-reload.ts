import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BAD, GOOD, type Way } from './way.ts'
import type { Workshop } from './workshop.ts'

/** Release folders and a symlink, swapped at once; the app is started by the link's absolute path, in cluster mode. */
export function pm2Reload(workshop: Workshop): Way {
  const root = workshop.folder('reload')
  const current = join(root, 'current')
  const linkTo = async (tag: string) =>
    `ln -sfn ${await workshop.built(tag)} ${current}.next && mv -T ${current}.next ${current}`
  return {
    name: 'pm2-reload',
    does: 'swap the symlink current; pm2 reload my-store-api',
    url: workshop.url,
    async setUp() {
      await workshop.built(GOOD)
      await workshop.built(BAD)
      await mkdir(root, { recursive: true })
      await writeFile(join(root, 'ecosystem.config.cjs'), ecosystem(current))
    },
    async makeBad() {
      await workshop.type(root, `${await linkTo(BAD)} && pm2 start ecosystem.config.cjs`)
    },
    async goBack() {
      await workshop.type(root, `${await linkTo(GOOD)} && pm2 reload my-store-api`)
    },
    rest: workshop.clear,
  }
}

/** The store's own settings, at the link. */
function ecosystem(current: string): string {
  return `const { apps: [app] } = require('${current}/ecosystem.config.cjs')
module.exports = { apps: [{ ...app, script: '${current}/dist/index.js', cwd: '${current}' }] }
`
}
