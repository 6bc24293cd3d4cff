import type { DisguiseModule } from './disguise.cts'
import type { InterceptModule } from './intercept.cts'
import type { OpeningModule } from './opening.cts'
import type { RouteModule } from './route.cts'
import type { Agent, Captured, StateModule } from './state.cts'

const { disguise }: DisguiseModule = require('./disguise.cjs')
const { takeEmit }: InterceptModule = require('./intercept.cjs')
const { rememberAddress, stopAccepting }: OpeningModule = require('./opening.cjs')
const { closeAfterAnswersInFlight }: RouteModule = require('./route.cjs')
const { enter, settleDrain }: StateModule = require('./state.cjs')

function shutServer(agent: Agent, captured: Captured): void {
  if (captured.phase !== 'open') return
  rememberAddress(captured)
  takeEmit(agent, captured)
  stopAccepting(captured)
  disguise(captured)
}

/**
 * Takes no new connection and answers no new request. A draining process only learns its new targets; one that is
 * held back has nothing to drain.
 */
function drain(agent: Agent, targets: readonly string[]): void {
  agent.targets = targets
  if (agent.activation !== null) agent.activation.cancelled = true
  if (agent.state !== 'listening') return
  for (const captured of agent.servers) shutServer(agent, captured)
  enter(agent, 'draining')
  closeAfterAnswersInFlight(agent)
  settleDrain(agent)
}

const draining = { drain, shutServer }
export type DrainModule = typeof draining
module.exports = draining
