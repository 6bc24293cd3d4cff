"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { disguise } = require('./disguise.cjs');
const { takeEmit } = require('./intercept.cjs');
const { rememberAddress, stopAccepting } = require('./opening.cjs');
const { closeAfterAnswersInFlight } = require('./route.cjs');
const { enter, settleDrain } = require('./state.cjs');
function shutServer(agent, captured) {
    if (captured.phase !== 'open')
        return;
    rememberAddress(captured);
    takeEmit(agent, captured);
    stopAccepting(captured);
    disguise(captured);
}
/**
 * Takes no new connection and answers no new request. A draining process only learns its new targets; one that is
 * held back has nothing to drain.
 */
function drain(agent, targets) {
    agent.targets = targets;
    if (agent.activation !== null)
        agent.activation.cancelled = true;
    if (agent.state !== 'listening')
        return;
    for (const captured of agent.servers)
        shutServer(agent, captured);
    enter(agent, 'draining');
    closeAfterAnswersInFlight(agent);
    settleDrain(agent);
}
const draining = { drain, shutServer };
module.exports = draining;
