"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const cluster = require('node:cluster');
/**
 * In a cluster worker Node numbers the listen() calls for one address, and only equal numbers share a port. A call
 * that failed (EADDRINUSE) keeps its number, so a worker that tried more often than the others would never share
 * with them again. A retry therefore asks with the number of the first try.
 */
function keepClusterIndex(isRetry) {
    const holder = cluster;
    const original = holder._getServer;
    if (!cluster.isWorker || typeof original !== 'function')
        return;
    const getServer = (server, query, callback) => Reflect.apply(original, holder, [server, isRetry(server) ? { ...query, index: 0 } : query, callback]);
    holder._getServer = getServer;
}
const clusterIndex = { keepClusterIndex };
module.exports = clusterIndex;
