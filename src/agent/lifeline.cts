import type { Server } from 'node:http'
import type { ActivateModule } from './activate.cts'
import type { ControlModule } from './control.cts'
import type { OwnSocketsModule } from './own-sockets.cts'
import type { Agent, State } from './state.cts'

const { existsSync } = require('node:fs') as typeof import('node:fs')
const { activate }: ActivateModule = require('./activate.cjs')
const { createControl }: ControlModule = require('./control.cjs')
const { openOwnSocket, pathTo }: OwnSocketsModule = require('./own-sockets.cjs')

const LOOK_EVERY_MS = 1000

/** States in which the app listens to nothing, so that nothing else would keep the process alive. */
const isIdle = (state: State) => state === 'holding' || state === 'draining' || state === 'drained'

/**
 * The control socket is the only way out of `holding`. When somebody cleans the folder up it is made again, and when
 * that fails the app listens: better served by a release nobody released than a port that never opens.
 */
function lookAfterControl(agent: Agent, replace: () => boolean): void {
  if (existsSync(pathTo(agent.settings, 'ctl')) || replace()) return
  activate(agent, 0).catch(() => {})
}

/** False: no control socket, so there must be no agent. */
function openControl(agent: Agent): boolean {
  let control: Server | null = null
  const replace = () => {
    // First, because closing a pipe removes the file of its name.
    control?.close()
    control = createControl(agent)
    if (!openOwnSocket(control, agent.settings, 'ctl')) return false
    if (isIdle(agent.state)) control.ref()
    return true
  }
  let timer: NodeJS.Timeout | undefined
  agent.onEnter = (state) => {
    clearInterval(timer)
    if (state === 'holding')
      timer = setInterval(() => lookAfterControl(agent, replace), LOOK_EVERY_MS).unref()
    if (isIdle(state)) control?.ref()
    else control?.unref()
  }
  return replace()
}

const lifeline = { openControl }
export type LifelineModule = typeof lifeline
module.exports = lifeline
