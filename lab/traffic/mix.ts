export type Intent = 'search' | 'list' | 'product' | 'categories' | 'checkout' | 'login'

/** How often each is wanted; only the proportions count. */
export type Mix = Record<Intent, number>

/** Browsing beside the searches, which are the slow ones. */
const BROWSING: Omit<Mix, 'search'> = { list: 32, product: 34, categories: 12, checkout: 14, login: 8 }

/** `slowShare` of the requests are searches, which take 100 ms and more. */
export function mixWithSlowShare(slowShare: number): Mix {
  const browsing = Object.values(BROWSING).reduce((sum, weight) => sum + weight, 0)
  return { ...BROWSING, search: slowShare === 1 ? 1e9 : (browsing * slowShare) / (1 - slowShare) }
}

/** `chance` is from 0 up to 1. */
export function chooseIntent(mix: Mix, chance: number): Intent {
  const entries = Object.entries(mix) as [Intent, number][]
  let left = chance * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [intent, weight] of entries) {
    left -= weight
    if (left < 0) return intent
  }
  return 'list'
}
