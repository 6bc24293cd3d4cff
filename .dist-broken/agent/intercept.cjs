"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { undisguise } = require('./disguise.cjs');
const { rememberAddress, tellOnlyNode } = require('./opening.cjs');
const { here } = require('./private-socket.cjs');
const { routeRequest, routeUpgrade } = require('./route.cjs');
const { settleDrain } = require('./state.cjs');
function onListening(captured) {
    const { opening } = captured;
    if (opening === null)
        return false;
    captured.phase = 'open';
    captured.giveBackEmit?.();
    undisguise(captured);
    rememberAddress(captured);
    opening.settle(null);
    if (captured.heard) {
        tellOnlyNode(captured, opening.before);
        return true;
    }
    captured.heard = true;
    return false;
}
function onError(captured, error) {
    if (captured.opening === null)
        return false;
    captured.opening.settle(error instanceof Error ? error : new Error(String(error)));
    return true;
}
/** Node says 'close' when a server that stopped accepting loses its last connection. Apps end their database pool on it. */
function onClose(agent, captured) {
    captured.empty = true;
    settleDrain(agent);
    return !captured.closedByApp;
}
function intercept(agent, captured, event, args) {
    if (event === 'listening')
        return onListening(captured);
    if (event === 'error')
        return onError(captured, args[0]);
    if (captured.phase !== 'shut')
        return false;
    if (event === 'close')
        return onClose(agent, captured);
    const request = args[0];
    if (event === 'request' || event === 'checkContinue' || event === 'checkExpectation')
        return !here.has(request) && routeRequest(agent, captured.server, event, request, args[1]);
    if (event === 'upgrade' || event === 'connect')
        return (!here.has(request) &&
            routeUpgrade(agent, captured.server, event, {
                request,
                client: args[1],
                head: args[2],
            }));
    return false;
}
/** From now on the agent hears a server's events first. Only while it is held back or shut: an open one costs nothing. */
function takeEmit(agent, captured) {
    if (captured.giveBackEmit !== null)
        return;
    const { server } = captured;
    const own = Object.getOwnPropertyDescriptor(server, 'emit');
    const emit = (event, ...args) => {
        try {
            if (captured.giveBackEmit !== null && intercept(agent, captured, event, args))
                return true;
        }
        catch {
            // The app's own listeners run below, outside of this guard.
        }
        const below = own === undefined ? Object.getPrototypeOf(server).emit : own.value;
        return Reflect.apply(below, server, [event, ...args]);
    };
    Object.defineProperty(server, 'emit', { value: emit, configurable: true, writable: true });
    captured.giveBackEmit = () => {
        captured.giveBackEmit = null;
        // Wrapped by somebody since: ours stays below and lets everything through.
        if (server.emit !== emit)
            return;
        if (own === undefined)
            Reflect.deleteProperty(server, 'emit');
        else
            Object.defineProperty(server, 'emit', own);
    };
}
const interception = { takeEmit };
module.exports = interception;
