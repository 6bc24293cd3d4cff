"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const net = require('node:net');
/** Taken at preload, before an instrumentation of the app could patch it. */
const { connect } = net;
let turn = 0;
/** Round robin: each request starts with the next one and may go on through all of them. */
function nextTargets(agent) {
    const { targets } = agent;
    if (targets.length < 2)
        return targets;
    const first = turn++ % targets.length;
    return [...targets.slice(first), ...targets.slice(0, first)];
}
/** Null: none of them takes connections. */
function reachOne([path, ...others], then) {
    if (path === undefined) {
        then(null);
        return;
    }
    const socket = connect({ path });
    const refused = () => reachOne(others, then);
    socket.once('error', refused);
    socket.once('connect', () => {
        socket.removeListener('error', refused);
        then({ socket, others });
    });
}
const targets = { nextTargets, reachOne };
module.exports = targets;
