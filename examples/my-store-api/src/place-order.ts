import type { Query } from './database/database.ts'

export type OrderLine = { productId: number; quantity: number }
export type Order = { id: string; userId: number; lines: OrderLine[] }
export type PlacedOrder = { orderId: string; totalCents: number }

export class OutOfStock extends Error {}
export class UnknownProduct extends Error {}

type Product = { id: number; name: string; price_cents: number; stock: number }

/** Takes the stock and writes the order. Runs inside one transaction; running it again changes nothing. */
export async function placeOrder(query: Query, order: Order): Promise<PlacedOrder> {
  const lines = addUpLines(order.lines)
  const products = await lockProducts(query, [...lines.keys()])
  const sold = [...lines].map(([id, quantity]) => {
    const product = products.get(id)
    if (!product) throw new UnknownProduct(`there is no product ${id}`)
    return { ...product, quantity }
  })
  const totalCents = sold.reduce((sum, { price_cents, quantity }) => sum + price_cents * quantity, 0)
  const placed = { orderId: order.id, totalCents }

  const created = await query(
    'insert into orders (id, user_id, total_cents) values ($1, $2, $3) on conflict (id) do nothing returning id',
    [order.id, order.userId, totalCents],
  )
  // A commit whose answer was lost: the order is there already.
  if (created.length === 0) return placed

  for (const { id, name, stock, price_cents, quantity } of sold) {
    if (stock < quantity) throw new OutOfStock(`only ${stock} of "${name}" left`)
    await query('update products set stock = stock - $2 where id = $1', [id, quantity])
    await query(
      'insert into order_items (order_id, product_id, quantity, price_cents) values ($1, $2, $3, $4)',
      [order.id, id, quantity, price_cents],
    )
  }
  return placed
}

/** Locks in id order: two baskets with the same products in another order would lock each other out. */
async function lockProducts(query: Query, ids: number[]): Promise<Map<number, Product>> {
  const products = await query<Product>(
    'select id, name, price_cents, stock from products where id = any($1) order by id for update',
    [ids],
  )
  return new Map(products.map((product) => [product.id, product]))
}

function addUpLines(lines: OrderLine[]): Map<number, number> {
  const quantities = new Map<number, number>()
  for (const { productId, quantity } of lines) {
    quantities.set(productId, (quantities.get(productId) ?? 0) + quantity)
  }
  return quantities
}
