import { expect, test } from 'vitest'
import { orderTables } from './order-tables.ts'

const table = (id: string, ...refersTo: string[]) => ({ id, refersTo })

test('parents first, then by name', () => {
  const tables = [
    table('items', 'orders', 'products'),
    table('orders', 'users'),
    table('products'),
    table('users'),
  ]
  expect(orderTables(tables)).toEqual({ order: ['users', 'orders', 'products', 'items'], cycles: [] })
  expect(orderTables([...tables].reverse())).toEqual(orderTables(tables))
})

test('a table may refer to itself, and to tables that are not there', () => {
  expect(orderTables([table('categories', 'categories', 'elsewhere')])).toEqual({
    order: ['categories'],
    cycles: [],
  })
})

test('a ring is named, and everything else still has its order', () => {
  const { order, cycles } = orderTables([table('a', 'b'), table('b', 'c'), table('c', 'a'), table('d', 'a')])
  expect(cycles).toEqual([['a', 'b', 'c']])
  expect(order.indexOf('d')).toBeGreaterThan(order.indexOf('a'))
})
