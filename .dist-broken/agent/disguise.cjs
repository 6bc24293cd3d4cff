"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
/** While a server is shut by a drain the app goes on to see the listening server that it knows. */
function disguise({ address, server }) {
    Object.defineProperty(server, 'address', { value: () => address, configurable: true, writable: true });
    Object.defineProperty(server, 'listening', { value: true, configurable: true });
}
function undisguise({ server }) {
    Reflect.deleteProperty(server, 'address');
    Reflect.deleteProperty(server, 'listening');
}
/** What Node throws when listen() is called twice. */
function alreadyListening() {
    const error = new Error('Listen method has been called more than once without closing.');
    return Object.assign(error, { code: 'ERR_SERVER_ALREADY_LISTEN' });
}
const disguising = { alreadyListening, disguise, undisguise };
module.exports = disguising;
