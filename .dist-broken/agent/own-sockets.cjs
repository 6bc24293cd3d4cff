"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { accessSync, chmodSync, constants, rmSync, statSync } = require('node:fs');
const { join } = require('node:path');
/** What a Unix socket address holds; a longer path would be cut, and a socket of another name made. */
const LONGEST_PATH = 107;
const opened = new Set();
const pathTo = (settings, kind) => join(settings.run, `${settings.release}-${process.pid}.${kind}`);
const holdMarker = (settings) => join(settings.run, `${settings.release}.hold`);
/** Could sockets be made there? */
function isUsable(settings) {
    try {
        if (Buffer.byteLength(pathTo(settings, 'ctl')) > LONGEST_PATH || !statSync(settings.run).isDirectory())
            return false;
        accessSync(settings.run, constants.W_OK | constants.X_OK);
        return true;
    }
    catch {
        return false;
    }
}
function removeQuietly(path) {
    try {
        rmSync(path, { force: true });
    }
    catch {
        // The folder is gone or not ours any more; so is the socket.
    }
}
/** Listens at once or not at all. Never seen by the cluster's primary, and never a reason to stay alive. */
function openOwnSocket(server, path) {
    removeQuietly(path);
    server.on('error', () => { });
    // An exclusive pipe is bound before listen() returns.
    server.listen({ path, exclusive: true });
    if (!server.listening)
        return false;
    if (opened.size === 0)
        process.on('exit', () => opened.forEach(removeQuietly));
    opened.add(path);
    chmodSync(path, 0o600);
    server.unref();
    server.on('connection', (socket) => socket.unref());
    return true;
}
const ownSockets = { pathTo, holdMarker, isUsable, openOwnSocket };
module.exports = ownSockets;
