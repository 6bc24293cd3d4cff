"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { ageOfOldest } = require('./counters.cjs');
const { le } = require('./latency.cjs');
const countConnections = (server) => new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)));
async function allConnections(agent) {
    const counts = await Promise.all([...agent.servers].map(({ server }) => countConnections(server)));
    return counts.reduce((sum, count) => sum + count, 0);
}
function readCounters({ aborted, answered }) {
    const [, informed = 0, ok = 0, redirected = 0, refused = 0, failed = 0] = answered;
    return {
        requests: answered.reduce((sum, count) => sum + count, aborted),
        ...{ '1xx': informed, '2xx': ok, '3xx': redirected, '4xx': refused, '5xx': failed },
        aborted,
    };
}
/** What `GET /status` answers. Times in ms, memory in bytes; requests count when they are finished. */
async function readStatus(agent) {
    const { heapUsed, rss } = process.memoryUsage();
    return {
        protocol: 1,
        release: agent.settings.release,
        pid: process.pid,
        startedAt: agent.startedAt,
        state: agent.state,
        since: agent.since,
        ports: [...agent.servers].map(({ options }) => options.port),
        connections: await allConnections(agent),
        inFlight: agent.inFlight,
        oldestMs: ageOfOldest(agent),
        forwarded: agent.forwarded,
        counters: readCounters(agent),
        latency: { le, count: agent.latency },
        heapUsed,
        rss,
        error: agent.error,
    };
}
const status = { readStatus };
module.exports = status;
