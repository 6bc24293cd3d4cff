import http from 'node:http'

/** The load's own process: told once what to do, answers once how many requests it got through. */
export type Work = { url: string; connections: number; ms: number }
export type Done = { requests: number; failed: number; ms: number }

process.on('message', async (work: Work) => {
  process.send?.(await press(work))
})
process.on('disconnect', () => process.exit(0))

/** Each connection sends its next request as soon as it has the answer to the last. */
async function press({ url, connections, ms }: Work): Promise<Done> {
  const startedAt = performance.now()
  const until = startedAt + ms
  const done: Done = { requests: 0, failed: 0, ms: 0 }
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections })
  const worker = async () => {
    while (performance.now() < until) {
      const status = await get(url, agent)
      done.requests++
      if (status !== 200) done.failed++
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  agent.destroy()
  return { ...done, ms: performance.now() - startedAt }
}

function get(url: string, agent: http.Agent): Promise<number> {
  return new Promise((resolve) => {
    const request = http.get(url, { agent }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', () => resolve(0))
    })
    request.on('error', () => resolve(0))
  })
}
