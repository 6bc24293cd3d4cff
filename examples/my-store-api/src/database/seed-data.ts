/** The same rows on every machine. Users sign in as user1@example.com / secret1, user2@example.com / secret2, ... */
const USERS = 50
const PRODUCTS_PER_CATEGORY = 25
const CATEGORIES = ['Books', 'Music', 'Games', 'Garden', 'Kitchen', 'Office', 'Sports', 'Toys']
const QUALITIES = ['Small', 'Large', 'Blue', 'Classic', 'Folding']
const THINGS = ['Lamp', 'Box', 'Set', 'Guide', 'Bag']
/** Plenty: load tests must not sell it out. */
const STOCK = 1_000_000

export function seedCategories() {
  return CATEGORIES.map((name, index) => ({ id: index + 1, slug: name.toLowerCase(), name }))
}

export function seedProducts() {
  return seedCategories().flatMap((category, shelf) =>
    Array.from({ length: PRODUCTS_PER_CATEGORY }, (_, place) => {
      const name = `${QUALITIES[place % 5]} ${category.name} ${THINGS[Math.floor(place / 5)]}`
      return {
        id: shelf * PRODUCTS_PER_CATEGORY + place + 1,
        category_id: category.id,
        name,
        description: `${name}, from our ${category.name.toLowerCase()} department`,
        price_cents: 499 + ((shelf * 37 + place * 113) % 95) * 100,
        stock: STOCK,
      }
    }),
  )
}

export function seedUsers() {
  return Array.from({ length: USERS }, (_, index) => ({
    id: index + 1,
    email: `user${index + 1}@example.com`,
    name: `User ${index + 1}`,
    password: `secret${index + 1}`,
  }))
}
