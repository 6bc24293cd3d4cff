import { healthcheckLine } from '../../docker/healthcheck.ts'
import type { Image } from '../../docker/images.ts'
import type { ComposeLaunch, LaunchRecord } from '../../ports/release-store.ts'
import type { Advice, RuntimeCapabilities } from '../../ports/runtime.ts'
import { isHealthcheckOn } from './parse.ts'

const ROUTER =
  'put a router before it and name it: runtime.router in the configuration (docs/docker.md); then: lastgood deploy'

/** Pure: what is asked of the engine comes in. */
export function advise(
  { runtime, configuration }: LaunchRecord<ComposeLaunch>,
  { holds, sideBySide, obstacles }: Pick<RuntimeCapabilities, 'holds' | 'sideBySide' | 'obstacles'>,
  image: Pick<Image, 'hasHealthcheck'> | null,
): Advice[] {
  const gap = sideBySide ? [] : [{ text: `${obstacles.sideBySide}: every switch leaves a gap`, fix: ROUTER }]
  // Where the agent holds, it says itself when the app listens.
  const { healthcheck } = runtime.definition
  const checked = healthcheck === undefined ? image?.hasHealthcheck === true : isHealthcheckOn(healthcheck)
  if (holds || checked) return gap
  const text = `${runtime.service} has no healthcheck: its containers count as ready as soon as their port is open`
  const fix = `add to it in the Compose file:  ${healthcheckLine(runtime.port, configuration)}`
  return [...gap, { text, fix }]
}
