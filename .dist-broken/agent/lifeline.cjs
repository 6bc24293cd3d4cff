"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { existsSync } = require('node:fs');
const { activate } = require('./activate.cjs');
const { createControl } = require('./control.cjs');
const { openOwnSocket, pathTo } = require('./own-sockets.cjs');
const LOOK_EVERY_MS = 1000;
/** States in which the app listens to nothing, so that nothing else would keep the process alive. */
const isIdle = (state) => state === 'holding' || state === 'draining' || state === 'drained';
/**
 * The control socket is the only way out of `holding`. When somebody cleans the folder up it is made again, and when
 * that fails the app listens: better served by a release nobody released than a port that never opens.
 */
function lookAfterControl(agent, replace) {
    if (existsSync(pathTo(agent.settings, 'ctl')) || replace())
        return;
    activate(agent, 0).catch(() => { });
}
/** False: no control socket, so there must be no agent. */
function openControl(agent) {
    let control = null;
    const replace = () => {
        // First, because closing a pipe removes the file of its name.
        control?.close();
        control = createControl(agent);
        if (!openOwnSocket(control, pathTo(agent.settings, 'ctl')))
            return false;
        if (isIdle(agent.state))
            control.ref();
        return true;
    };
    let timer;
    agent.onEnter = (state) => {
        clearInterval(timer);
        if (state === 'holding')
            timer = setInterval(() => lookAfterControl(agent, replace), LOOK_EVERY_MS).unref();
        if (isIdle(state))
            control?.ref();
        else
            control?.unref();
    };
    return replace();
}
const lifeline = { openControl };
module.exports = lifeline;
