"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const net = require('node:net');
// Taken before anything is patched, by us or by the app.
const { close, listen } = net.Server.prototype;
/** Listens for real; settles when the server says 'listening' or 'error' (see intercept.cts). */
function openServer(captured) {
    const { server } = captured;
    const before = server.rawListeners('listening');
    const opened = new Promise((resolve, reject) => {
        const settle = (error) => {
            captured.opening = null;
            if (error === null)
                return resolve();
            captured.failed = true;
            // Each listen() of a cluster worker leaves a listener behind when it fails.
            for (const added of listenersSince(captured, before))
                server.removeListener('listening', added);
            reject(error);
        };
        captured.opening = { before, settle };
    });
    try {
        Reflect.apply(listen, server, [captured.options]);
    }
    catch (error) {
        captured.opening?.settle(error);
    }
    return opened;
}
const listenersSince = (captured, before) => captured.server.rawListeners('listening').filter((listener) => !before.includes(listener));
/** The app had its 'listening' long ago; only what Node itself added for this listen() hears of it. */
function tellOnlyNode(captured, before) {
    for (const listener of listenersSince(captured, before))
        Reflect.apply(listener, captured.server, []);
}
/** Stops accepting and nothing else: http.Server.close would also cut idle kept connections. */
function stopAccepting(captured) {
    captured.empty = false;
    captured.phase = 'shut';
    Reflect.apply(close, captured.server, []);
}
/** What a later listen() of the same server asks for: the port it really had, and no second abort signal. */
function rememberAddress(captured) {
    const address = captured.server.address();
    if (address === null || typeof address === 'string')
        return;
    captured.address = address;
    const { signal: _, ...options } = captured.options;
    captured.options = { ...options, port: address.port };
}
const opening = { openServer, rememberAddress, stopAccepting, tellOnlyNode };
module.exports = opening;
