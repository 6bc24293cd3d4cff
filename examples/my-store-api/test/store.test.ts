import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openTestStore, runScript, type TestStore } from './test-store.ts'

let store: TestStore
before(async () => {
  store = await openTestStore()
})
after(() => store?.close())

const get = (path: string, headers = {}) => fetch(`${store.url}${path}`, { headers })
const post = (path: string, body: unknown, headers = {}) =>
  fetch(`${store.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

const remove = (path: string, headers = {}) => fetch(`${store.url}${path}`, { method: 'DELETE', headers })

async function logIn(email = 'user1@example.com', password = 'secret1'): Promise<{ authorization: string }> {
  const answer = await post('/login', { email, password })
  assert.equal(answer.status, 200)
  return { authorization: `Bearer ${(await answer.json()).token}` }
}

test('every answer says which release and version gave it, errors included', async () => {
  for (const path of ['/health', '/nowhere', '/products/x', '/%ZZ']) {
    const answer = await get(path)
    assert.equal(answer.headers.get('x-release'), 'r-test', path)
    assert.equal(answer.headers.get('x-version'), '0.0.0-test', path)
  }
})

test('the health endpoints answer', async () => {
  assert.deepEqual(await (await get('/health')).json(), {
    status: 'ok',
    release: 'r-test',
    version: '0.0.0-test',
  })
  assert.equal((await get('/health/db')).status, 200)
  assert.equal((await get('/health/ready')).status, 200)
})

test('a setting this release cannot honour makes it not ready', async () => {
  process.env.PRICING_MODE = 'dynamic'
  try {
    const answer = await get('/health/ready')
    assert.equal(answer.status, 503)
    assert.match((await answer.json()).reason, /PRICING_MODE=dynamic is set/)
  } finally {
    delete process.env.PRICING_MODE
  }
})

test('products are listed, filtered and shown', async () => {
  assert.equal((await (await get('/categories')).json()).length, 8)
  const books = await (await get('/products?category=books')).json()
  assert.equal(books.length, 25)
  const product = await (await get(`/products/${books[0].id}`)).json()
  assert.equal(product.category, 'books')
  assert.equal((await get('/products/99999')).status, 404)
})

test('search takes at least as long as the ranking service', async () => {
  const started = performance.now()
  const found = await (await get('/search?q=lamp')).json()
  assert.ok(performance.now() - started >= 99)
  assert.equal(found.length, 20)
})

test('login refuses a wrong password', async () => {
  assert.equal((await post('/login', { email: 'user1@example.com', password: 'no' })).status, 401)
})

test('checkout takes stock and writes the order with its prices', async () => {
  const authorization = await logIn()
  const before = await stockOf(7)
  const answer = await post('/checkout', { items: [{ productId: 7, quantity: 3 }] }, authorization)
  assert.equal(answer.status, 201)
  const { orderId, totalCents } = await answer.json()
  assert.equal(await stockOf(7), before - 3)
  const order = await (await get(`/orders/${orderId}`, authorization)).json()
  assert.equal(order.total_cents, totalCents)
  assert.deepEqual(order.items, [{ product_id: 7, quantity: 3, price_cents: totalCents / 3 }])
})

test('a cancelled order is gone and its stock is back, for the one who placed it alone', async () => {
  const authorization = await logIn()
  const before = await stockOf(20)
  const items = [
    { productId: 20, quantity: 3 },
    { productId: 21, quantity: 1 },
  ]
  const { orderId } = await (await post('/checkout', { items }, authorization)).json()
  assert.equal((await remove(`/orders/${orderId}`)).status, 401)
  const other = await logIn('user2@example.com', 'secret2')
  assert.equal((await remove(`/orders/${orderId}`, other)).status, 404)
  assert.equal(await stockOf(20), before - 3)
  assert.equal((await remove(`/orders/${orderId}`, authorization)).status, 204)
  assert.equal(await stockOf(20), before)
  assert.equal((await get(`/orders/${orderId}`, authorization)).status, 404)
  assert.equal((await remove(`/orders/${orderId}`, authorization)).status, 404)
})

test('whoever logs out is a stranger again', async () => {
  const authorization = await logIn()
  assert.equal((await remove('/session', authorization)).status, 204)
  assert.equal(
    (await post('/checkout', { items: [{ productId: 7, quantity: 1 }] }, authorization)).status,
    401,
  )
  assert.equal((await remove('/session')).status, 204)
})

test('checkout refuses strangers, and what is out of stock changes nothing', async () => {
  const items = [
    { productId: 9, quantity: 1 },
    { productId: 8, quantity: 5 },
  ]
  assert.equal((await post('/checkout', { items })).status, 401)
  await store.sql.query('update products set stock = 2 where id = 8')
  const before = await stockOf(9)
  assert.equal((await post('/checkout', { items }, await logIn())).status, 409)
  assert.equal(await stockOf(9), before)
})

test('baskets in opposite order do not lock each other out', async () => {
  const authorization = await logIn()
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, turn) => {
      const ids = turn % 2 ? [11, 12, 13] : [13, 12, 11]
      return post('/checkout', { items: ids.map((productId) => ({ productId, quantity: 1 })) }, authorization)
    }),
  )
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201])
})

test('a database that sends everyone away is not an error for the shopper', async () => {
  const kick = `select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()`
  for (let turn = 0; turn < 5; turn++) {
    const answers = Array.from({ length: 20 }, () => get('/products'))
    await store.sql.query(kick)
    for (const answer of await Promise.all(answers)) assert.equal(answer.status, 200)
  }
})

test('metrics count requests by route pattern', async () => {
  await get('/products/3')
  const text = await (await get('/metrics')).text()
  assert.match(
    text,
    /http_requests_total\{method="GET",route="\/products\/:id",status="200",release="r-test"\} \d+/,
  )
})

test('migrations go down, and the status says so', () => {
  assert.match(runScript('db:migrate:status', store.databaseUrl), /\b0 pending/)
  const before = Number(runScript('db:migrate:status', store.databaseUrl).match(/(\d+) applied/)?.[1])
  runScript('db:migrate:down', store.databaseUrl)
  assert.match(
    runScript('db:migrate:status', store.databaseUrl),
    new RegExp(`${before - 1} applied, 1 pending`),
  )
  runScript('db:migrate:up', store.databaseUrl)
})

async function stockOf(id: number): Promise<number> {
  return (await store.sql.query('select stock from products where id = $1', [id])).rows[0].stock
}
