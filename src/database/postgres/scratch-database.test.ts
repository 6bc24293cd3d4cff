import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import type { Postgres } from '../../../lab/postgres/start-postgres.ts'
import { waitUntil } from '../../../lab/wait-until.ts'
import { parseConnection } from './connection.ts'
import { quoteIdentifier } from './identifier.ts'
import { dropStrayScratch, markScratch, type ScratchKind, scratchName } from './scratch-database.ts'
import { type DatabaseSession, openSession } from './session.ts'

const KIND: ScratchKind = { word: 'verify', commentOf: (service) => `for ${service}` }

let lab: Lab
let postgres: Postgres
let session: DatabaseSession
beforeAll(async () => {
  lab = await openLab({ name: 'scratch' })
  postgres = await lab.postgres()
  session = await openSession(parseConnection(await postgres.createDatabase('shop')), 'test')
})
afterAll(async () => {
  await session.close()
  await lab.close()
})

async function make(service: string | null): Promise<string> {
  const name = scratchName(KIND, 'c1')
  await session.query(`CREATE DATABASE ${quoteIdentifier(name)}`)
  if (service !== null) await markScratch(session, KIND, name, service)
  return name
}

test('one whose process still holds it is none that was left, wherever that process is connected', async () => {
  const name = await make('store')
  const keeper = await openSession(parseConnection(postgres.url('shop')), name)
  expect(await dropStrayScratch(session, KIND, 'store')).toEqual([])
  await keeper.close()
  // The server notices a moment later.
  const dropped = await waitUntil(
    async () => {
      const names = await dropStrayScratch(session, KIND, 'store')
      return names.length > 0 && names
    },
    { what: 'the end of the session' },
  )
  expect(dropped).toEqual([name])
})

test('one that was killed before its mark is ours by its name; one of another service is not', async () => {
  const unmarked = await make(null)
  const others = await make('another')
  expect(await dropStrayScratch(session, KIND, 'store')).toEqual([unmarked])
  expect(await dropStrayScratch(session, KIND, 'another')).toEqual([others])
})
