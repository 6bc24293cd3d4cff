import * as z from 'zod'
import type { IssuesConfiguration } from '../domain/incident-configuration.ts'
import type { IssueTracker } from '../ports/issue-tracker.ts'

const LABEL = 'incident'
const TIMEOUT_MS = 15_000
/** A hundred a page; nobody has filed so many in vain that the marker would be further back. */
const MOST_PAGES = 10

const issueSchema = z.object({ html_url: z.string(), body: z.string().nullish() })

/** GitHub's REST API. A name in a text must call nobody, so every @ is parted from its name. */
export function createGithubIssues({ repository, token, api }: IssuesConfiguration): IssueTracker {
  const url = `${api.replace(/\/+$/, '')}/repos/${repository}/issues`
  const ask = async (address: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await fetch(address, {
      ...init,
      headers: {
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        'user-agent': 'lastgood',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (response.ok) return response.json()
    const wait = response.headers.get('retry-after')
    throw new Error(`${response.status}${wait === null ? '' : `, again in ${wait} s`}`)
  }
  const find = async (marker: string): Promise<string | null> => {
    for (let page = 1; page <= MOST_PAGES; page++) {
      const query = `?labels=${LABEL}&state=all&per_page=100&page=${page}`
      const issues = z.array(issueSchema).parse(await ask(url + query))
      const found = issues.find(({ body }) => body?.includes(commentOf(marker)))
      if (found !== undefined) return found.html_url
      if (issues.length < 100) return null
    }
    return null
  }
  return {
    async file({ marker, title, body }) {
      const known = await find(marker)
      if (known !== null) return { url: known, found: true }
      const text = `${quiet(body)}\n\n${commentOf(marker)}\n`
      const init = {
        method: 'POST',
        body: JSON.stringify({ title: quiet(title), body: text, labels: [LABEL] }),
      }
      return { url: issueSchema.parse(await ask(url, init)).html_url, found: false }
    },
  }
}

function commentOf(marker: string): string {
  return `<!-- lastgood ${marker} -->`
}

function quiet(text: string): string {
  return text.replaceAll('@', '@\u200b')
}
