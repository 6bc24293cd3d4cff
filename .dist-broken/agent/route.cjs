"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { answerElsewhere, answerHereAfterAll, connectionOf, pendingOn, } = require('./counters.cjs');
const { forward } = require('./forward.cjs');
const { forwardUpgrade } = require('./forward-upgrade.cjs');
const { here } = require('./private-socket.cjs');
const { nextTargets } = require('./targets.cjs');
/**
 * The last answer on a connection says `Connection: close`, and only the last: Node drops what was pipelined behind
 * it. False: the answer before it already said so, and HTTP forbids to act on anything that came later.
 */
function closeAfter(request, response) {
    const connection = connectionOf(request.socket);
    const pending = connection === null ? [] : pendingOn(connection);
    const before = pending[pending.indexOf(response) - 1];
    if (before !== undefined && !before.shouldKeepAlive) {
        if (before.headersSent)
            return false;
        before.shouldKeepAlive = true;
    }
    response.shouldKeepAlive = false;
    return true;
}
/** Requests that are being answered when the drain begins are the last ones on their connections. */
function closeAfterAnswersInFlight(agent) {
    for (const connection of agent.connections) {
        const last = pendingOn(connection).at(-1);
        if (last !== undefined && !last.headersSent)
            last.shouldKeepAlive = false;
    }
}
/** A new request on a kept connection of a draining process. True: the app does not get it (now). */
function routeRequest(agent, server, event, request, response) {
    if (!closeAfter(request, response)) {
        answerElsewhere(response, () => { });
        return true;
    }
    const targets = nextTargets(agent);
    if (targets.length === 0)
        return false;
    const answerHere = () => {
        if (here.has(request))
            return;
        agent.forwarded--;
        answerHereAfterAll(response);
        here.add(request);
        server.emit(event, request, response);
    };
    agent.forwarded++;
    answerElsewhere(response, () => { });
    forward({ event, request, response, answerHere }, targets);
    return true;
}
function routeUpgrade(agent, server, event, { request, client, head }) {
    const targets = nextTargets(agent);
    if (targets.length === 0)
        return false;
    agent.forwarded++;
    forwardUpgrade({ request, client, head }, targets, () => {
        agent.forwarded--;
        here.add(request);
        server.emit(event, request, client, head);
    });
    return true;
}
const routing = { closeAfterAnswersInFlight, routeRequest, routeUpgrade };
module.exports = routing;
