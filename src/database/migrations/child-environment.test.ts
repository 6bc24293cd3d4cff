import { describe, expect, it } from 'vitest'
import { CHILD_NAME, childEnvironment } from './child-environment.ts'

const own = 'postgres://shop:secret@db:5432/shop'
const copy = 'postgres://shop:secret@db:5432/shop_copy'
const aim = { own, url: copy, lockTimeoutMs: 5000 }

describe('the environment of a migration tool', () => {
  it('leads to the database that is meant, under every name the release may read', () => {
    const env = childEnvironment({ STORE_DB: own, DATABASE_URL: own, OTHER: 'postgres://a:b@db/other' }, aim)
    expect(env).toMatchObject({
      STORE_DB: copy,
      DATABASE_URL: copy,
      OTHER: 'postgres://a:b@db/other',
      PGDATABASE: 'shop_copy',
      PGPASSWORD: 'secret',
      PGAPPNAME: CHILD_NAME,
      PGOPTIONS: '-c lock_timeout=5000',
    })
  })

  it('keeps what the release runs with, and a url that only looks like one', () => {
    const env = childEnvironment({ NODE_ENV: 'production', NOTE: 'postgres://%' }, aim)
    expect(env).toMatchObject({ NODE_ENV: 'production', NOTE: 'postgres://%' })
  })

  it('puts the limit into a url that has options of its own, which PGOPTIONS would not reach', () => {
    const url = `${own}?options=-c%20search_path%3Dstore`
    const { DATABASE_URL = '' } = childEnvironment({}, { own, url, lockTimeoutMs: 250 })
    expect(new URL(DATABASE_URL).searchParams.get('options')).toBe('-c search_path=store -c lock_timeout=250')
  })
})
