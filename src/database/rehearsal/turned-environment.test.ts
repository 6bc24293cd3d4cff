import { describe, expect, it } from 'vitest'
import { parseConnection } from '../postgres/connection.ts'
import { turnEnvironment } from './turned-environment.ts'

const live = parseConnection('postgres://store:pw@127.0.0.1:5432/shop')
const copy = { ...live, database: 'copy' }
const turn = (env: Record<string, string>, to = copy) => {
  const { env: all, turned } = turnEnvironment(env, live, to)
  const { PGAPPNAME: _name, LASTGOOD_REHEARSAL: _mark, ...rest } = all
  return { env: rest, turned }
}

describe('the environment of a rehearsed release', () => {
  it.each([
    ['postgres://store:pw@127.0.0.1:5432/shop', 'postgres://store:pw@127.0.0.1:5432/copy'],
    [
      'postgresql://other@localhost/shop?sslmode=disable',
      'postgresql://other@localhost/copy?sslmode=disable',
    ],
    [
      '{"url":"postgres://store:pw@127.0.0.1:5432/shop","max":3}',
      '{"url":"postgres://store:pw@127.0.0.1:5432/copy","max":3}',
    ],
  ])('leads %s to the copy, with its own role and options', (value, expected) => {
    expect(turn({ ANYTHING: value })).toEqual({ env: { ANYTHING: expected }, turned: ['ANYTHING'] })
  })

  it.each([
    ['another database', 'postgres://store:pw@127.0.0.1:5432/analytics'],
    ['another server', 'postgres://store:pw@db2:5432/shop'],
    ['another port', 'postgres://store:pw@127.0.0.1:5433/shop'],
    ['no url', 'shop'],
  ])('leaves %s alone', (_what, value) => {
    expect(turn({ ANYTHING: value })).toEqual({ env: { ANYTHING: value }, turned: [] })
  })

  it('turns the parts where each has a variable, and not the role of the same name', () => {
    const shop = { ...live, user: 'shop' }
    const env = { PGDATABASE: 'shop', PGUSER: 'shop', DB_NAME: 'shop', PGHOST: '127.0.0.1', SERVICE: 'shop' }
    expect(turnEnvironment(env, shop, { ...shop, database: 'copy' })).toMatchObject({
      env: { PGDATABASE: 'copy', PGUSER: 'shop', DB_NAME: 'copy', PGHOST: '127.0.0.1', SERVICE: 'shop' },
      turned: ['PGDATABASE', 'DB_NAME'],
    })
  })

  it('goes round a PgBouncer that knows nothing of the copy', () => {
    const direct = { ...copy, host: '10.0.0.5', port: 5439 }
    const env = {
      DATABASE_URL: 'postgres://store:pw@localhost:5432/shop',
      PGHOST: 'localhost',
      PGPORT: '5432',
      PORT: '5432',
    }
    expect(turn(env, direct)).toEqual({
      env: {
        DATABASE_URL: 'postgres://store:pw@10.0.0.5:5439/copy',
        PGHOST: '10.0.0.5',
        PGPORT: '5439',
        PORT: '5432',
      },
      turned: ['DATABASE_URL'],
    })
  })

  it('says that nothing leads there', () => {
    expect(turn({ PORT: '3000', PGHOST: '127.0.0.1' }).turned).toEqual([])
  })
})
