import { BAD, GOOD, type Way } from './way.ts'
import type { Workshop } from './workshop.ts'

/** Option 1 of the runbook, as printed there. */
export function runbookGit(workshop: Workshop): Way {
  const live = workshop.folder('runbook-git')
  const rebuild = 'npm ci && npm run build'
  return {
    name: 'runbook-git',
    does: `git checkout ${GOOD}; npm ci; npm run build; pm2 restart my-store-api`,
    url: workshop.url,
    setUp: () => workshop.clone(live, GOOD),
    makeBad: () => workshop.type(live, `git checkout ${BAD} && ${rebuild} && pm2 start ecosystem.config.cjs`),
    goBack: () => workshop.type(live, `git checkout ${GOOD} && ${rebuild} && pm2 restart my-store-api`),
    rest: workshop.clear,
  }
}

/** Option 2 of the runbook: the previous version lies built beside the bad one. */
export function runbookPm2(workshop: Workshop): Way {
  return {
    name: 'runbook-pm2',
    does: 'pm2 stop my-store-api; cd previous version; pm2 start dist/index.js --name my-store-api',
    url: workshop.url,
    async setUp() {
      await workshop.built(GOOD)
      await workshop.built(BAD)
    },
    async makeBad() {
      await workshop.type(await workshop.built(BAD), 'pm2 start ecosystem.config.cjs')
    },
    async goBack() {
      const previous = await workshop.built(GOOD)
      await workshop.type(
        await workshop.built(BAD),
        `pm2 stop my-store-api; cd ${previous}; pm2 start dist/index.js --name my-store-api`,
      )
    },
    rest: workshop.clear,
  }
}
