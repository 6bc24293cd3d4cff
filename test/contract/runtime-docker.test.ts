import { findDocker } from '../../lab/docker/find-docker.ts'
import { composeShapes, openComposeRig } from '../support/compose-rig.ts'
import { exhaustive } from '../support/sampled.ts'
import { openSwarmRig } from '../support/swarm-rig.ts'
import { testRuntimes } from './runtime-contract.ts'

/** A container takes a second to start: by itself the suite runs on the shape that most have. */
const all = exhaustive || process.env.RUNTIMES !== undefined
const docker = await findDocker()
const later = 'takes minutes: RUNTIMES=compose,swarm npm run test:contract'

if ('missing' in docker) {
  testRuntimes([], [`compose: ${docker.missing}`, `swarm: ${docker.missing}`])
} else {
  const shapes = composeShapes.filter((shape) => shape !== 'caddy' || docker.caddy !== null)
  const chosen = all ? shapes : shapes.slice(0, 1)
  testRuntimes(
    [
      ...chosen.map((shape) => ({ name: `compose-${shape}`, open: () => openComposeRig(shape, docker) })),
      ...(all ? [{ name: 'swarm', open: () => openSwarmRig(docker) }] : []),
    ],
    [
      ...(docker.caddy === null ? ['compose-caddy: caddy is not installed'] : []),
      ...(all ? [] : [`${composeShapes.slice(1).join(', compose-')}, swarm: ${later}`]),
    ],
  )
}
