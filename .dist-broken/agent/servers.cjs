"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { existsSync } = require('node:fs');
const cluster = require('node:cluster');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const { alreadyListening, undisguise } = require('./disguise.cjs');
const { takeEmit } = require('./intercept.cjs');
const { readListen } = require('./listen-arguments.cjs');
const { rememberAddress } = require('./opening.cjs');
const { holdMarker } = require('./own-sockets.cjs');
const { openPrivateSocket } = require('./private-socket.cjs');
const { enter } = require('./state.cjs');
const known = new WeakMap();
function languageOf(server) {
    if (server instanceof https.Server)
        return 'https';
    return server instanceof http.Server ? 'http' : 'tcp';
}
function capture(agent, server, { options }) {
    const captured = {
        ...{
            server,
            speaks: languageOf(server),
            options,
            phase: 'open',
            empty: true,
            heard: false,
            closedByApp: false,
        },
        ...{ address: null, opening: null, failed: false, giveBackEmit: null },
    };
    known.set(server, captured);
    agent.servers.add(captured);
    return captured;
}
/** The marker decides once, at the first listen(); servers that come later follow the state. */
function mustHold(agent, boot) {
    boot.held ??= existsSync(holdMarker(agent.settings));
    return agent.state === 'booting' ? boot.held : agent.state !== 'listening';
}
function holdBack(agent, captured, { callback }) {
    captured.phase = 'held';
    takeEmit(agent, captured);
    if (callback !== null)
        captured.server.once('listening', callback);
    if (agent.state === 'booting')
        enter(agent, 'holding');
}
function noteListening(agent, captured) {
    captured.server.prependOnceListener('listening', () => {
        captured.heard = true;
        rememberAddress(captured);
        if (agent.state === 'booting')
            enter(agent, 'listening');
    });
}
/** The primary of the app's own cluster opens the ports that its workers asked for; they were held, it must not be. */
const listensForWorkers = () => cluster.isPrimary && Object.keys(cluster.workers ?? {}).length > 0;
/** True: held back, the real listen() waits for an activate. */
function onListen(agent, server, args, boot) {
    const call = readListen(args);
    if (call === null || listensForWorkers())
        return false;
    const before = known.get(server);
    if (before !== undefined)
        agent.servers.delete(before);
    before?.giveBackEmit?.();
    const captured = capture(agent, server, call);
    if (captured.speaks !== 'tcp' && !boot.fronted)
        boot.fronted = openPrivateSocket(agent, captured);
    if (mustHold(agent, boot)) {
        holdBack(agent, captured, call);
        return true;
    }
    noteListening(agent, captured);
    return false;
}
/** The app ends its server. It believes that it listens (or will), so its callback must not get an error. */
function onAppClose(agent, captured, callback) {
    captured.closedByApp = true;
    agent.servers.delete(captured);
    undisguise(captured);
    captured.opening?.settle(new Error('the app closed its server'));
    if (typeof callback === 'function')
        captured.server.once('close', () => callback());
}
/** Every TCP server of the app passes here, whatever framework made it. Whatever fails here, the app listens. */
function captureServers(agent) {
    const { close, listen } = net.Server.prototype;
    const boot = { fronted: false, held: null };
    net.Server.prototype.listen = function (...args) {
        const captured = known.get(this);
        if (captured !== undefined && captured.phase !== 'open' && !captured.closedByApp)
            throw alreadyListening();
        try {
            if (onListen(agent, this, args, boot))
                return this;
        }
        catch {
            // In doubt: listen.
        }
        return Reflect.apply(listen, this, args);
    };
    net.Server.prototype.close = function (callback) {
        const captured = known.get(this);
        if (captured === undefined || captured.closedByApp)
            return Reflect.apply(close, this, [callback]);
        if (captured.phase === 'open') {
            captured.closedByApp = true;
            agent.servers.delete(captured);
            return Reflect.apply(close, this, [callback]);
        }
        onAppClose(agent, captured, callback);
        return Reflect.apply(close, this, []);
    };
}
const servers = { captureServers };
module.exports = servers;
