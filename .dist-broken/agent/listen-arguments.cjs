"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const toNumber = (value) => (Number(value) >= 0 ? Number(value) : null);
/** The same test as Node's, which throws at the caller for every other port. */
function toPort(value) {
    if (value === undefined || value === null)
        return 0;
    if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === ''))
        return null;
    const port = Number(value);
    return Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : null;
}
function readOptions(args) {
    const [first, second] = args;
    if (typeof first === 'object' && first !== null) {
        const options = first;
        if (options._handle || options.handle || options.fd !== undefined || !('port' in options))
            return null;
        const port = toPort(options.port);
        return port === null ? null : { ...options, port };
    }
    if (typeof first === 'function')
        return { port: 0 };
    const port = toPort(first);
    if (port === null)
        return null;
    return typeof second === 'string' ? { port, host: second } : { port };
}
/**
 * All the ways net.Server.listen can be called, as one. Null: not a TCP port (a Unix socket, a handle, a file
 * descriptor) or a call that Node itself refuses; either is left to Node.
 */
function readListen(args) {
    const options = readOptions(args);
    if (options === null)
        return null;
    const last = args.at(-1);
    const backlog = options.backlog ?? (toNumber(args[1] ?? Number.NaN) || toNumber(args[2] ?? Number.NaN));
    return {
        options: { ...options, ...(typeof backlog === 'number' ? { backlog } : {}) },
        callback: typeof last === 'function' ? last : null,
    };
}
const listenArguments = { readListen };
module.exports = listenArguments;
