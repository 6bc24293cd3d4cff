/** A server of a backend, as `show servers state` has it. */
export interface HaproxyServer {
  name: string
  /** Null: a slot without a container. */
  address: string | null
  /** 0 stopped, 1 starting, 2 running, 3 stopping */
  operation: number
  /** Set to drain over the runtime API. */
  drains: boolean
  /** A check is under way: what it says is of when it began. */
  checks: boolean
}

const FORCED_DRAIN = 0x08
const FORCED_MAINTENANCE = 0x01
const CHECK_IN_PROGRESS = 0x01

/** Version 1 of the format, the only one there is: a line with the version, one with the names, one a server. */
export function parseServers(text: string): HaproxyServer[] {
  const lines = text.split('\n').map((line) => line.trim())
  const head = lines.find((line) => line.startsWith('# be_id'))
  if (head === undefined) return []
  const names = head.slice(2).split(' ')
  return lines
    .filter((line) => /^\d+ \S+ \d+ /.test(line))
    .map((line) => {
      const words = line.split(' ')
      const field = (name: string) => words[names.indexOf(name)] ?? ''
      const address = field('srv_addr')
      const admin = Number(field('srv_admin_state'))
      return {
        name: field('srv_name'),
        address: address === '-' || address === '0.0.0.0' || address === '' ? null : address,
        operation: Number(field('srv_op_state')),
        drains: (admin & (FORCED_DRAIN | FORCED_MAINTENANCE)) !== 0,
        checks: (Number(field('srv_check_state')) & CHECK_IN_PROGRESS) !== 0,
      }
    })
}

export function isUp({ operation, drains }: HaproxyServer): boolean {
  return operation === 2 && !drains
}

/** Requests under way for each server of the backend, from `show stat` (CSV with a line of names). */
export function parseSessions(text: string, backend: string): Map<string, number> {
  const [head = '', ...rows] = text.trim().split('\n')
  const names = head.replace(/^# /, '').split(',')
  const at = names.indexOf('scur')
  return new Map(
    rows
      .map((row) => row.split(','))
      .filter(([proxy]) => proxy === backend)
      .map((row) => [row[1] ?? '', Number(row[at]) || 0]),
  )
}
