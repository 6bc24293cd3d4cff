import type { Server } from 'node:net'

const cluster = require('node:cluster') as typeof import('node:cluster').default

/** Internal to Node, the same in all lines since 12; guarded by the type check below. */
type GetServer = (server: Server, query: object, callback: unknown) => unknown

/**
 * In a cluster worker Node numbers the listen() calls for one address, and only equal numbers share a port. A call
 * that failed (EADDRINUSE) keeps its number, so a worker that tried more often than the others would never share
 * with them again. A retry therefore asks with the number of the first try.
 */
function keepClusterIndex(isRetry: (server: Server) => boolean): void {
  const holder = cluster as unknown as { _getServer?: unknown }
  const original = holder._getServer
  if (!cluster.isWorker || typeof original !== 'function') return
  const getServer: GetServer = (server, query, callback) =>
    Reflect.apply(original, holder, [server, isRetry(server) ? { ...query, index: 0 } : query, callback])
  holder._getServer = getServer
}

const clusterIndex = { keepClusterIndex }
export type ClusterIndexModule = typeof clusterIndex
module.exports = clusterIndex
