"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const channels = require('node:diagnostics_channel');
const { performance } = require('node:perf_hooks');
const { guarded } = require('./guard.cjs');
const { bucketOf } = require('./latency.cjs');
const { settleDrain } = require('./state.cjs');
const { isForwarded } = require('./private-socket.cjs');
const answeredElsewhere = Symbol('lastgood.answeredElsewhere');
const onClientGone = Symbol('lastgood.onClientGone');
const tracked = Symbol('lastgood.connection');
const connectionOf = (socket) => socket[tracked] ?? null;
/** The oldest first. */
function pendingOn({ behind, response }) {
    if (response === null)
        return [];
    return behind === null ? [response] : [response, ...behind.map((pending) => pending.response)];
}
function dropConnection(agent, connection) {
    agent.connections.delete(connection);
    const dropped = pendingOn(connection);
    connection.response = null;
    connection.behind = null;
    for (const response of dropped) {
        agent.inFlight--;
        if (!response[answeredElsewhere])
            agent.aborted++;
        response[onClientGone]?.();
    }
    settleDrain(agent);
}
/** One listener per connection, not per request, tells when a client went away. */
function track(agent, { request, server, socket }) {
    const counts = isForwarded(request) || [...agent.servers].some((captured) => captured.server === server);
    const connection = counts ? { response: null, since: 0.5, behind: null } : null;
    socket[tracked] = connection;
    if (connection !== null) {
        agent.connections.add(connection);
        socket.once('close', guarded(() => dropConnection(agent, connection)));
    }
    return connection;
}
/** Runs for each request of the app: what it does is paid for by its throughput. */
function onStart(agent, message) {
    const seen = message.socket[tracked];
    const connection = seen === undefined ? track(agent, message) : seen;
    if (connection === null)
        return;
    const since = performance.now();
    agent.inFlight++;
    if (connection.response === null) {
        connection.response = message.response;
        connection.since = since;
    }
    else {
        connection.behind ??= [];
        connection.behind.push({ response: message.response, since });
    }
}
/** HTTP answers in the order of the requests, so the one that is finished is always the oldest. */
function onFinish(agent, message) {
    const response = message.response;
    const connection = message.socket[tracked];
    if (!connection || connection.response !== response)
        return;
    const { since } = connection;
    if (connection.behind === null)
        connection.response = null;
    else
        moveUp(connection);
    agent.inFlight--;
    // Looked for only where there may be one: a lookup of what is not there goes through every prototype.
    if (agent.forwarded === 0 || !response[answeredElsewhere]) {
        const hundreds = Math.trunc(response.statusCode / 100);
        agent.answered[hundreds] = (agent.answered[hundreds] ?? 0) + 1;
        const bucket = bucketOf(performance.now() - since);
        agent.latency[bucket] = (agent.latency[bucket] ?? 0) + 1;
    }
    if (agent.inFlight === 0 && agent.state === 'draining')
        settleDrain(agent);
}
function moveUp(connection) {
    const next = connection.behind?.shift();
    connection.response = next?.response ?? null;
    connection.since = next?.since ?? 0.5;
}
/** Not `guarded`: a call less for each request. */
function countRequests(agent) {
    channels.subscribe('http.server.request.start', (message) => {
        try {
            onStart(agent, message);
        }
        catch {
            // One request less is counted.
        }
    });
    channels.subscribe('http.server.response.finish', (message) => {
        try {
            onFinish(agent, message);
        }
        catch {
            // One request less is counted.
        }
    });
}
/** Age in ms of the oldest request in flight; 0 without one. */
function ageOfOldest(agent) {
    const now = performance.now();
    let oldest = now;
    for (const { response, since } of agent.connections) {
        if (response !== null)
            oldest = Math.min(oldest, since);
    }
    return Math.round(now - oldest);
}
/** While another process answers, the request is not one of ours; `gone` ends the forwarding when the client leaves. */
function answerElsewhere(response, gone) {
    response[answeredElsewhere] = true;
    response[onClientGone] = gone;
}
function answerHereAfterAll(response) {
    response[answeredElsewhere] = false;
    delete response[onClientGone];
}
const counters = { ageOfOldest, answerElsewhere, answerHereAfterAll, connectionOf, countRequests, pendingOn };
module.exports = counters;
