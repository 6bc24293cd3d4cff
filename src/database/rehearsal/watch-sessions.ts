import { setTimeout as sleep } from 'node:timers/promises'
import type { SeenSessions, SessionWatch } from '../../ports/trial-databases.ts'
import type { DatabaseSession } from '../postgres/session.ts'
import { REHEARSED } from './turned-environment.ts'

const EVERY_MS = 20

/**
 * Whoever else is connected to the copy is the release that is tried: nobody knows of it. On the live database it is known
 * by the name its driver took from our environment.
 */
export function watchSessions(keeper: DatabaseSession, copy: string, live: string): SessionWatch {
  const seen: SeenSessions = { onCopy: false, onLive: false }
  const before = countSessions(keeper, copy)
  const ask = async () => {
    const [row] = await keeper.query<SeenSessions>(
      `SELECT COALESCE(bool_or(datname = $1 AND application_name NOT LIKE 'lastgood %'), false) AS "onCopy",
              COALESCE(bool_or(datname = $2 AND application_name = $3), false) AS "onLive"
         FROM pg_stat_activity WHERE datname IN ($1, $2) AND backend_type = 'client backend'`,
      [copy, live, REHEARSED],
    )
    seen.onCopy ||= row?.onCopy ?? false
    seen.onLive ||= row?.onLive ?? false
    return { ...seen }
  }
  // One question at a time: the session has one connection.
  let last: Promise<unknown> = before
  const look = () => {
    const answer = last.then(ask)
    last = answer.catch(() => {})
    return answer
  }
  let going = true
  const loop = async () => {
    while (going) {
      await look()
      await sleep(EVERY_MS)
    }
  }
  const ended = loop().then(
    () => null,
    (error: unknown) => ({ error }),
  )
  return {
    look,
    async end() {
      going = false
      const failed = await ended
      if (failed !== null) throw failed.error
      // One that came and went between two looks was counted by the server.
      if ((await countSessions(keeper, copy)) > (await before)) seen.onCopy = true
      return look()
    },
  }
}

async function countSessions(keeper: DatabaseSession, copy: string): Promise<number> {
  const [row] = await keeper.query<{ count: number }>(
    'SELECT sessions::float8 AS count FROM pg_stat_database WHERE datname = $1',
    [copy],
  )
  return row?.count ?? 0
}
