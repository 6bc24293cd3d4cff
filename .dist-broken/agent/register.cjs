"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { isMainThread } = require('node:worker_threads');
const cluster = require('node:cluster');
/** Names the process that has the agent, so that what it forks (and hands its arguments to) has none. */
const OWNER = 'LASTGOOD_AGENT_PID';
/** A worker of the app's own cluster serves; any other forked child is a helper and must be able to listen. */
const isHelper = () => process.send !== undefined && !cluster.isWorker && process.env[OWNER] === String(process.ppid);
function start() {
    const { readSettings } = require('./settings.cjs');
    const { isUsable } = require('./own-sockets.cjs');
    const settings = readSettings(process.env);
    if (settings === null)
        return;
    if (settings.pm2Cluster && settings.envKeys !== null) {
        const { removeLeftovers } = require('./environment.cjs');
        removeLeftovers(process.env, settings.envKeys);
    }
    if (!isUsable(settings))
        return;
    const { watchBoot } = require('./boot-failure.cjs');
    const { createAgent } = require('./state.cjs');
    const { openControl } = require('./lifeline.cjs');
    const { countRequests } = require('./counters.cjs');
    const { keepClusterIndex } = require('./cluster-index.cjs');
    const { captureServers } = require('./servers.cjs');
    const agent = createAgent(settings);
    if (!openControl(agent))
        return;
    process.env[OWNER] = String(process.pid);
    watchBoot(agent);
    countRequests(agent);
    keepClusterIndex((server) => [...agent.servers].some((captured) => captured.server === server && captured.failed));
    captureServers(agent);
}
const LOADED = Symbol.for('lastgood.agent');
/** Whatever goes wrong here, the app goes on as if this file were not there. */
try {
    if (isMainThread && !Reflect.has(globalThis, LOADED) && !isHelper()) {
        Reflect.set(globalThis, LOADED, true);
        start();
    }
}
catch {
    // No agent, then: the service serves, and lastgood sees that nobody answers.
}
