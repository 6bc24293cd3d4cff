import { findDocker } from '../../lab/docker/find-docker.ts'
import { composeShapes, openComposeRig } from '../support/compose-rig.ts'
import { exhaustive } from '../support/sampled.ts'
import { openSwarmRig } from '../support/swarm-rig.ts'
import { testRuntimes } from './runtime-contract.ts'

/** A container takes a second to start: unless this is asked for, test/e2e/compose.test.ts is all that is run on Docker. */
const all = exhaustive || process.env.RUNTIMES !== undefined
const docker = await findDocker()
const later = 'takes minutes: RUNTIMES=compose,swarm npm run test:contract'

if ('missing' in docker) {
  testRuntimes([], [`compose: ${docker.missing}`, `swarm: ${docker.missing}`])
} else {
  const shapes = composeShapes.filter((shape) => all && (shape !== 'caddy' || docker.caddy !== null))
  testRuntimes(
    [
      ...shapes.map((shape) => ({ name: `compose-${shape}`, open: () => openComposeRig(shape, docker) })),
      ...(all ? [{ name: 'swarm', open: () => openSwarmRig(docker) }] : []),
    ],
    [
      ...(docker.caddy === null ? ['compose-caddy: caddy is not installed'] : []),
      ...(all ? [] : [`compose, swarm: ${later}`]),
    ],
  )
}
