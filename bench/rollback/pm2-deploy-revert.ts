import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { BAD, GOOD, type Way } from './way.ts'
import type { Workshop } from './workshop.ts'

/**
 * PM2's own deploy command. For the host `localhost` it runs every command in a local shell instead of over ssh, so a
 * connection's time is not in the figures. A revert resets the live folder and builds in it again.
 */
export function pm2DeployRevert(workshop: Workshop): Way {
  const { lab, repo } = workshop.store
  // It writes to /tmp/pm2-deploy-$USER.log, whoever that is.
  const user = basename(lab.dir)
  const desk = workshop.folder('deploy', 'desk')
  const config = workshop.folder('deploy', 'production.config.cjs')
  const deploy = (words: string) =>
    workshop.type(desk, `USER=${user} pm2 deploy ${config} production ${words}`)
  return {
    name: 'pm2-deploy-revert',
    does: 'pm2 deploy production revert 1, host localhost (no ssh), post-deploy: npm ci, build, startOrReload',
    url: workshop.url,
    async setUp() {
      lab.onClose(() => rm(`/tmp/pm2-deploy-${user}.log`, { force: true }))
      await mkdir(workshop.folder('deploy'), { recursive: true })
      await workshop.clone(desk, 'main')
      await writeFile(config, deployment(repo, workshop.folder('deploy', 'production')))
      await deploy('setup')
    },
    async makeBad() {
      // Its list of deployments must end with the good one and the bad one.
      await deploy(`ref ${GOOD}`)
      await deploy(`ref ${BAD}`)
    },
    goBack: () => deploy('revert 1'),
    rest: workshop.clear,
  }
}

function deployment(repo: string, path: string): string {
  const production = {
    host: 'localhost',
    repo,
    ref: 'origin/main',
    path,
    'post-deploy': 'npm ci && npm run build && pm2 startOrReload ecosystem.config.cjs',
  }
  return `module.exports = { apps: [], deploy: { production: ${JSON.stringify(production)} } }\n`
}
