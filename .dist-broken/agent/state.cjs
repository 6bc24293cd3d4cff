"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { newCounts } = require('./latency.cjs');
function createAgent(settings) {
    const now = Date.now();
    return {
        settings,
        startedAt: now,
        state: 'booting',
        since: now,
        error: null,
        servers: new Set(),
        connections: new Set(),
        targets: [],
        activation: null,
        inFlight: 0,
        forwarded: 0,
        aborted: 0,
        answered: [0, 0, 0, 0, 0, 0],
        latency: newCounts(),
        onEnter: () => { },
    };
}
function enter(agent, state) {
    if (agent.state === state)
        return;
    agent.state = state;
    agent.since = Date.now();
    agent.onEnter(state);
}
/** draining -> drained, as soon as nothing is left. */
function settleDrain(agent) {
    if (agent.state !== 'draining' || agent.inFlight > 0)
        return;
    for (const captured of agent.servers)
        if (captured.phase === 'open' || (captured.phase === 'shut' && !captured.empty))
            return;
    enter(agent, 'drained');
}
const state = { createAgent, enter, settleDrain };
module.exports = state;
