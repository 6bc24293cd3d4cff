"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { openServer } = require('./opening.cjs');
const { shutServer } = require('./drain.cjs');
const { enter, settleDrain } = require('./state.cjs');
const RETRY_EVERY_MS = 10;
const aMoment = () => new Promise((resolve) => setTimeout(resolve, RETRY_EVERY_MS));
const isTaken = (error) => error instanceof Error && Reflect.get(error, 'code') === 'EADDRINUSE';
/** The port may still belong to a process that is about to let it go. */
async function openWithPatience(captured, activation, deadline) {
    for (;;) {
        try {
            return await openServer(captured);
        }
        catch (error) {
            if (!isTaken(error) || Date.now() >= deadline)
                throw error;
        }
        await aMoment();
        if (activation.cancelled)
            throw new Error('a drain came in between');
        if (captured.closedByApp)
            throw new Error('the app closed its server');
    }
}
/** Opens every server, also those the app adds meanwhile. All or none: what did open is shut again on a failure. */
async function openAll(agent, activation, deadline) {
    const opened = [];
    for (;;) {
        const closed = [...agent.servers].filter(({ phase }) => phase !== 'open');
        if (closed.length === 0)
            break;
        const results = await Promise.allSettled(closed.map((captured) => openWithPatience(captured, activation, deadline)));
        opened.push(...closed.filter((_, index) => results[index]?.status === 'fulfilled'));
        const failure = results.find((result) => result.status === 'rejected');
        if (failure === undefined)
            continue;
        for (const captured of opened)
            shutServer(agent, captured);
        throw failure.reason;
    }
    if (agent.servers.size === 0)
        throw new Error('the app has no server to listen with');
}
async function run(agent, activation, retryMs) {
    const from = agent.state;
    try {
        await openAll(agent, activation, Date.now() + retryMs);
        agent.error = null;
        enter(agent, 'listening');
    }
    catch (error) {
        agent.error = error instanceof Error ? error.message : String(error);
        // What was open for a moment may have taken connections.
        if (from === 'drained')
            enter(agent, 'draining');
        settleDrain(agent);
        throw error;
    }
}
/** Listens for real on every server; rejects with the reason, back in the state it came from. Concurrent calls share one. */
function activate(agent, retryMs) {
    if (agent.activation !== null)
        return agent.activation.done;
    if (agent.state === 'listening')
        return Promise.resolve();
    if (agent.state === 'booting')
        return Promise.reject(new Error('the app has not called listen yet'));
    const activation = { cancelled: false, done: Promise.resolve() };
    activation.done = run(agent, activation, retryMs).finally(() => {
        agent.activation = null;
    });
    agent.activation = activation;
    return activation.done;
}
const activating = { activate };
module.exports = activating;
