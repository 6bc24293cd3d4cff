"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { rawHead } = require('./forward-headers.cjs');
const { reachOne } = require('./targets.cjs');
/** One end gone, the other has nobody to talk to. */
function tie(left, right) {
    left.on('error', () => right.destroy());
    left.on('close', () => right.destroy());
}
/** An upgraded connection is bytes both ways; the target answers the handshake itself. */
function forwardUpgrade({ request, client, head }, targets, answerHere) {
    const ignore = () => { };
    client.on('error', ignore);
    reachOne(targets, (reached) => {
        if (client.destroyed)
            return void reached?.socket.destroy();
        client.removeListener('error', ignore);
        if (reached === null)
            return answerHere();
        const { socket } = reached;
        tie(client, socket);
        tie(socket, client);
        socket.write(rawHead(request, request.socket.remoteAddress ?? ''), 'latin1');
        if (head.length > 0)
            socket.write(head);
        client.pipe(socket);
        socket.pipe(client);
    });
}
const forwardingUpgrade = { forwardUpgrade };
module.exports = forwardingUpgrade;
