import type { Intent } from './mix.ts'

export type ShopperRequest = { method: 'GET' | 'POST'; path: string; route: string; body?: string }

/** What the seed of examples/my-store-api puts into the store. */
const USERS = 50
const PRODUCTS = 200
const CATEGORIES = ['books', 'music', 'games', 'garden', 'kitchen', 'office', 'sports', 'toys']
const WORDS = ['lamp', 'box', 'set', 'guide', 'bag', 'small', 'blue', 'classic']

export function buildRequest(intent: Intent, random: () => number): ShopperRequest {
  const upTo = (count: number) => Math.floor(random() * count)
  switch (intent) {
    case 'search':
      return { method: 'GET', path: `/search?q=${WORDS[upTo(WORDS.length)]}`, route: '/search' }
    case 'list': {
      const filter = random() < 0.5 ? `?category=${CATEGORIES[upTo(CATEGORIES.length)]}` : ''
      return { method: 'GET', path: `/products${filter}`, route: '/products' }
    }
    case 'product':
      return { method: 'GET', path: `/products/${upTo(PRODUCTS) + 1}`, route: '/products/:id' }
    case 'categories':
      return { method: 'GET', path: '/categories', route: '/categories' }
    case 'login': {
      const user = upTo(USERS) + 1
      return post('/login', { email: `user${user}@example.com`, password: `secret${user}` })
    }
    case 'checkout': {
      const lines = Array.from({ length: 1 + upTo(3) }, () => ({
        productId: upTo(PRODUCTS) + 1,
        quantity: 1 + upTo(3),
      }))
      return post('/checkout', { items: lines })
    }
  }
}

const post = (path: string, body: unknown): ShopperRequest => ({
  method: 'POST',
  path,
  route: path,
  body: JSON.stringify(body),
})
