import type { Captured } from './state.cts'

/** While a server is shut by a drain the app goes on to see the listening server that it knows. */
function disguise({ address, server }: Captured): void {
  Object.defineProperty(server, 'address', { value: () => address, configurable: true, writable: true })
  Object.defineProperty(server, 'listening', { value: true, configurable: true })
}

function undisguise({ server }: Captured): void {
  Reflect.deleteProperty(server, 'address')
  Reflect.deleteProperty(server, 'listening')
}

/** What Node throws when listen() is called twice. */
function alreadyListening(): Error {
  const error = new Error('Listen method has been called more than once without closing.')
  return Object.assign(error, { code: 'ERR_SERVER_ALREADY_LISTEN' })
}

const disguising = { alreadyListening, disguise, undisguise }
export type DisguiseModule = typeof disguising
module.exports = disguising
