import http from 'node:http'
import { chooseIntent, type Mix } from './mix.ts'
import { buildRequest } from './request.ts'
import { preciseNow, type Sample } from './sample.ts'
import { sendOnce } from './send-once.ts'

export type OneShopper = {
  /** Makes the next request of this shopper. `dueAt` is when it should have been sent. Never rejects. */
  shop: (dueAt: number) => Promise<Sample>
  leave: () => void
}

type Habits = { url: URL; mix: Mix; timeoutMs: number; random: () => number }

/** Somebody with one kept-alive connection and one session, who does one thing at a time. */
export function openShopper({ url, mix, timeoutMs, random }: Habits): OneShopper {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  let token: string | null = null

  return {
    shop: async (dueAt) => {
      const wish = chooseIntent(mix, random())
      const intent = wish === 'checkout' && token === null ? 'login' : wish
      const waitedMs = Math.max(0, preciseNow() - dueAt)
      const wanted = buildRequest(intent, random)
      const { sample, body } = await sendOnce(wanted, { url, agent, token, timeoutMs, waitedMs })
      if (intent === 'login' && sample.status === 200) token = textIn(body, 'token')
      const placed = intent === 'checkout' && sample.status === 201 ? textIn(body, 'orderId') : null
      if (placed !== null) sample.placed = placed
      // The session is gone, with the database it was in.
      if (sample.status === 401) token = null
      return sample
    },
    leave: () => agent.destroy(),
  }
}

function textIn(body: string, name: string): string | null {
  try {
    const answer: unknown = JSON.parse(body)
    const value = Object.entries(Object(answer)).find(([key]) => key === name)?.[1]
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}
