export type HistoryCommit = {
  /** Also the name of its patch in patches/; the first commit has none, it is examples/my-store-api itself. */
  tag: string
  version: string
  message: string
}

/** On main, one on top of the other. */
export const GOOD_COMMITS: HistoryCommit[] = [
  { tag: 'good-1', version: '1.0.0', message: 'Open the store: products, search, login, checkout' },
  { tag: 'good-2', version: '1.1.0', message: 'Show what shoppers think: products have a rating' },
]

const bad = (tag: string, message: string): HistoryCommit => ({ tag, version: `1.2.0-${tag}`, message })

/** Each on a branch of its own from the last good one, each broken in its own way. */
export const BAD_COMMITS: HistoryCommit[] = [
  bad('bad-errors', 'Serve products from the new read cache'),
  bad('bad-total', 'Let in no more visitors than we can serve'),
  bad('bad-slow', 'Record an audit line before each answer is sent'),
  bad('bad-crash-on-boot', 'Load tax rates when the store opens'),
  bad('bad-never-ready', 'Warm the catalogue before taking requests'),
  bad('bad-checkout', 'Accept coupons at checkout'),
  bad('bad-corrupt', 'Keep order prices in euros, as accounting asks'),
  bad('bad-migration', 'Move product texts to the content system'),
  bad('bad-leak', 'Remember recent visits for recommendations'),
  bad('bad-vulnerable', 'Search understands --category'),
  bad('bad-env', 'Prices follow demand (PRICING_MODE)'),
  bad('bad-build', 'Round prices in one place'),
]
