/**
 * Settings for a server whose data may be lost with the machine: it lives in a temporary folder for a minute. Nothing here
 * changes what a query answers or how a connection behaves.
 */
export const QUICK_SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  jit: 'off',
  shared_buffers: '64MB',
  max_connections: '100',
  // In the data folder, not in /dev/shm: it goes away with the folder even after SIGKILL.
  dynamic_shared_memory_type: 'mmap',
  logging_collector: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

/** Reached over TCP, unless a folder is named: a Unix socket's path may not be longer than 107 characters. */
export function listenSettings(host: string, port: number, sockets = ''): Record<string, string> {
  return { listen_addresses: host, port: String(port), unix_socket_directories: sockets }
}

/** `{fsync: 'off'}` -> `['-c', 'fsync=off']` */
export function toArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
