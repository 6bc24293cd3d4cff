import type { Query } from './database/database.ts'

/** Puts the stock back and removes the order. Runs inside one transaction. False: this user has no such order. */
export async function cancelOrder(query: Query, orderId: string, userId: number): Promise<boolean> {
  const [order] = await query<{ id: string }>(
    'select id from orders where id::text = $1 and user_id = $2 for update',
    [orderId, userId],
  )
  if (!order) return false
  // In id order, as whoever buys locks them.
  await query(
    `select id from products where id in (select product_id from order_items where order_id = $1)
     order by id for update`,
    [order.id],
  )
  await query(
    `update products set stock = stock + quantity from order_items
     where order_id = $1 and product_id = products.id`,
    [order.id],
  )
  await query('delete from orders where id = $1', [order.id])
  return true
}
