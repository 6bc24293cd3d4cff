import { createServer, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createGithubIssues } from './github-issues.ts'

/** A repository's issues as GitHub's API has them: token, version and label are asked for, and pages of a hundred. */
async function openRepository(options: { failAfterCreate?: boolean; status?: number; issues?: number } = {}) {
  const issues = Array.from({ length: options.issues ?? 0 }, (_, n) => ({
    html_url: `u${n}`,
    body: null as string | null,
    title: '',
  }))
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    const answer = (status: number, body: unknown, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(JSON.stringify(body))
    }
    if (request.headers.authorization !== 'Bearer token-1' || url.pathname !== '/repos/shop/store/issues')
      return answer(401, {})
    if (options.status !== undefined) return answer(options.status, {}, { 'retry-after': '60' })
    if (request.method === 'GET') {
      expect([url.searchParams.get('labels'), url.searchParams.get('state')]).toEqual(['incident', 'all'])
      const page = Number(url.searchParams.get('page')) - 1
      return answer(200, issues.slice(page * 100, page * 100 + 100))
    }
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      const issue = { ...JSON.parse(text), html_url: `https://example.org/${issues.length + 1}` }
      expect(issue.labels).toEqual(['incident'])
      issues.push(issue)
      if (options.failAfterCreate === true && issues.length === 1) request.socket.destroy()
      else answer(201, issue)
    })
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const api = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  return {
    issues,
    tracker: (token = 'token-1') => createGithubIssues({ repository: 'shop/store', token, api }),
  }
}

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const issue = { marker: 'key/a1', title: 'Tell @everyone', body: 'cc @ann' }

test('filed once, also when the answer to the first was lost; nobody is called by a name in it', async () => {
  const { issues, tracker } = await openRepository({ failAfterCreate: true, issues: 0 })
  await expect(tracker().file(issue)).rejects.toThrow()
  expect(await tracker().file(issue)).toEqual({ url: 'https://example.org/1', found: true })
  expect(await tracker().file({ ...issue, marker: 'key/a2' })).toMatchObject({ found: false })
  expect(issues).toHaveLength(2)
  expect(`${issues[0]?.title} ${issues[0]?.body}`).not.toMatch(/@[a-z]/)
})

test('found again behind a hundred others; a refusal says why, and not the token', async () => {
  const { issues, tracker } = await openRepository({ issues: 250 })
  await tracker().file(issue)
  expect(await tracker().file(issue)).toMatchObject({ found: true })
  expect(issues).toHaveLength(251)
  await expect(tracker('token-2').file(issue)).rejects.toThrow(/^401$/)
  const limited = await openRepository({ status: 429 })
  await expect(limited.tracker().file(issue)).rejects.toThrow('429, again in 60 s')
})
