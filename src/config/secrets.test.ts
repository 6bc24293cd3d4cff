import { expect, test } from 'vitest'
import { readConfiguration } from './read-configuration.ts'

const LEAST = 'service: store\nurl: http://127.0.0.1:3000\nruntime: { app: store }\n'

function read(text: string, env: Record<string, string> = {}) {
  const result = readConfiguration(text, env)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result
}

test('what came in through a variable is secret, and so is the password in it', () => {
  const env = { DATABASE_URL: 'postgres://shop:p%40ss-word@db/shop', OTHER: 'blue-whale' }
  expect(read(`${LEAST}env:\n  DATABASE_URL: \${DATABASE_URL}\n  X: "<\${OTHER}>"\n`, env).secrets).toEqual([
    'postgres://shop:p%40ss-word@db/shop',
    'p%40ss-word',
    'blue-whale',
    'p@ss-word',
  ])
})

test('what every listing shows, a port, and what is short are no secrets', () => {
  const env = { HOST: '127.0.0.1', APP: 'store', PORT: '31337', SHORT: 'abc' }
  const text = LEAST.replace('127.0.0.1', `\${HOST}`).replace('app: store', `app: "\${APP}"`)
  expect(read(`${text}env: { PORT: "\${PORT}", SHORT: "\${SHORT}" }\n`, env).secrets).toEqual([])
})

test('so is the password in the address of the database, wherever it stands', () => {
  const text = `${LEAST}database:\n  url: postgres://a:hunter2@h/shop\n  adminUrl: postgres://root@h/shop\n  pgbouncer: { adminUrl: 'postgres://b:hunter3@h/pgbouncer' }\nenv: { API_KEY: abcdef }\n`
  const { text: kept, secrets } = read(text)
  expect(kept).not.toMatch(/hunter|abcdef/)
  expect(kept).toContain('postgres://root@h/shop')
  expect(secrets).toEqual(expect.arrayContaining(['hunter2', 'hunter3', 'postgres://a:hunter2@h/shop']))
})

test('a secret that stands in the file is masked in its text, the rest stays to the letter', () => {
  const text = `${LEAST}env:\n  API_KEY: 'abc123' # from the vault\n  DB: postgres://a:b@c/d\n  JWT_SECRET: \${JWT_SECRET}\n  COLOUR: blue\n`
  const result = read(text, { JWT_SECRET: 'moonshine' })
  expect(result.text).toBe(text.replace(`'abc123'`, `'***'`).replace('postgres://a:b@c/d', `'***'`))
  expect(result.secrets).toEqual(['postgres://a:b@c/d', 'moonshine', 'abc123'])
})
