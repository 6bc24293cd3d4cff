import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PageIncident, StatusPage } from '../src/domain/notify/status-page.ts'
import { atomFeed, jsonFeed } from '../src/status-page/feeds.ts'
import { publishStatusPage } from '../src/status-page/file-status-page.ts'
import { htmlPage } from '../src/status-page/html-page.ts'
import { chromiumPath, findBarriers, looks, openBrowser, visit } from './support/browser.ts'
import { HOSTILE } from './support/messages.ts'
import { makeTemporaryFolder } from './support/temporary-project.ts'

/** Where they are kept for the documentation: SCREENSHOTS=docs/images npx vitest run --project unit test/status-page.test.ts */
const { SCREENSHOTS } = process.env

const incident = (changes: Partial<PageIncident> = {}): PageIncident => ({
  number: 7,
  title: 'Checkout: partial outage',
  components: ['Checkout'],
  impact: 'partial-outage',
  status: 'identified',
  startedAt: '2026-11-23T14:02:11.000Z',
  resolvedAt: null,
  data: 'No data was lost.',
  nextUpdate: '2026-11-23T14:40:00.000Z',
  updates: [
    {
      at: '2026-11-23T14:09:00.000Z',
      status: 'identified',
      text: 'We are going back to an earlier version.',
    },
    { at: '2026-11-23T14:03:00.000Z', status: 'investigating', text: 'We are looking into a problem.' },
  ],
  ...changes,
})

const days = (bad: Record<number, [StatusPage['overall'], number]>, known = 90) =>
  Array.from({ length: 90 }, (_, i) => {
    const date = new Date(Date.parse('2026-08-26T00:00:00Z') + i * 86_400_000).toISOString().slice(0, 10)
    const [state, affectedMs] = bad[i] ?? ['operational' as const, 0]
    return { date, state: i < 90 - known ? null : state, affectedMs }
  })

const page = (changes: Partial<StatusPage> = {}): StatusPage => ({
  title: 'My store',
  url: 'https://status.example.org',
  asOf: '2026-11-23T14:12:00.000Z',
  overall: 'partial-outage',
  components: [
    {
      ...{ name: 'Shop', description: 'Products, categories, search', state: 'operational', uptime: 0.99987 },
      days: days({ 40: ['degraded', 1_500_000] }),
    },
    {
      ...{ name: 'Checkout', description: null, state: 'partial-outage', uptime: 0.99912 },
      days: days({ 20: ['major-outage', 480_000], 89: ['partial-outage', 590_000] }),
    },
    { name: 'Accounts', description: 'Log in and orders', state: 'degraded', uptime: 1, days: days({}, 12) },
  ],
  current: [incident()],
  past: [
    incident({
      ...{ number: 5, title: 'Checkout: major outage', impact: 'major-outage', status: 'resolved' },
      ...{ startedAt: '2026-09-15T08:00:00.000Z', resolvedAt: '2026-09-15T08:11:00.000Z', nextUpdate: null },
      data: 'Data that was written after 2026-09-15 07:58 UTC, and before we went back, is missing. 14 entries of it have been brought back.',
      updates: [
        { at: '2026-09-15T08:11:00.000Z', status: 'resolved', text: 'The problem is solved.' },
        { at: '2026-09-15T08:00:40.000Z', status: 'investigating', text: 'We are looking into a problem.' },
      ],
    }),
  ],
  ...changes,
})

describe.skipIf(chromiumPath === null)('in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  test.each(looks)('read by everybody, $name: without a script, and nothing is fetched', async (look) => {
    await using folder = makeTemporaryFolder()
    await publishStatusPage(folder.path, page())
    const url = pathToFileURL(join(folder.path, 'index.html')).href
    const seen = await visit(browser, url, look)
    expect(await findBarriers(seen.page)).toEqual([])
    const root = 'document.documentElement'
    const [scroll, width] = await seen.page.evaluate<number[]>(`[${root}.scrollWidth, ${root}.clientWidth]`)
    expect(scroll).toBeLessThanOrEqual(width ?? 0)
    expect(seen.fetched).toEqual([url])
    expect(seen.complaints).toEqual([])
    if (SCREENSHOTS !== undefined) {
      const path = join(SCREENSHOTS, `status-page-${look.name.replace(', ', '-')}.png`)
      await seen.page.screenshot({ path, fullPage: true })
    }
    await seen.close()
  })

  test('whatever a name or a sentence is, it is shown and never run', async () => {
    await using folder = makeTemporaryFolder()
    const hostile = `${HOSTILE}"><img src=x onerror=alert(1)>'</title></style><svg onload=alert(1)>`
    const components = [
      { name: hostile, description: hostile, state: 'degraded' as const, uptime: 0.5, days: days({}) },
    ]
    const updates = [{ at: '2026-11-23T14:09:00.000Z', status: 'identified' as const, text: hostile }]
    const current = [incident({ title: hostile, data: hostile, updates })]
    await publishStatusPage(folder.path, page({ title: hostile, components, current }))
    const url = pathToFileURL(join(folder.path, 'index.html')).href
    const seen = await visit(browser, url, looks[0])
    expect(seen.complaints).toEqual([])
    expect(seen.fetched).toEqual([url])
    expect(await seen.page.locator('script, img, iframe').count()).toBe(0)
    expect(await seen.page.locator('h3').first().textContent()).toContain('onerror=alert(1)')
    await seen.close()
  })
})

test('the feeds are what readers of feeds take', () => {
  const feed = JSON.parse(jsonFeed(page()))
  expect(feed).toMatchObject({
    version: 'https://jsonfeed.org/version/1.1',
    feed_url: 'https://status.example.org/feed.json',
    items: [
      {
        id: 'incident-7',
        url: 'https://status.example.org#incident-7',
        title: 'Checkout: partial outage (identified, being fixed)',
        date_published: '2026-11-23T14:02:11.000Z',
        date_modified: '2026-11-23T14:09:00.000Z',
      },
      { id: 'incident-5' },
    ],
  })
  const atom = atomFeed(page({ title: HOSTILE }))
  expect(atom.match(/<entry>/g)).toHaveLength(2)
  expect(atom).toContain('<updated>2026-11-23T14:09:00.000Z</updated>')
  expect(atom).toContain('&lt;script&gt;')
  // Well-formed: every tag that is opened is closed, in order.
  const open: string[] = []
  for (const [, end, name, single] of atom.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (end) expect(open.pop()).toBe(name)
    else if (!single && name !== undefined) open.push(name)
  }
  expect(open).toEqual([])
})

test('written whole and only when it changes; what only the clock has changed is no change', async () => {
  await using folder = makeTemporaryFolder()
  const at = (minutes: number) =>
    new Date(Date.parse('2026-11-23T14:12:00Z') + minutes * 60_000).toISOString()
  expect(await publishStatusPage(folder.path, page())).toBe(true)
  expect(await publishStatusPage(folder.path, page({ asOf: at(1) }))).toBe(false)
  const written = async () => JSON.parse(await readFile(join(folder.path, 'status.json'), 'utf8')).asOf
  expect(await written()).toBe(at(0))
  expect(await publishStatusPage(folder.path, page({ asOf: at(6) }))).toBe(false)
  expect(await written()).toBe(at(6))
  expect(
    await publishStatusPage(folder.path, page({ asOf: at(7), current: [], overall: 'operational' })),
  ).toBe(true)
  expect((await readdir(folder.path)).sort()).toEqual(['feed.atom', 'feed.json', 'index.html', 'status.json'])
  await expect(publishStatusPage(join(folder.path, 'index.html'), page())).rejects.toMatchObject({
    code: 'STATUS_PAGE_NOT_WRITTEN',
  })
})

test('no text breaks out of its place', () => {
  const tags = (html: string) => html.match(/<[a-z][^>]*>/g)?.map((tag) => /^<\w+/.exec(tag)?.[0])
  const usual = tags(htmlPage(page()))
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(tags(htmlPage(page({ title: text, current: [incident({ title: text, data: text })] })))).toEqual(
        usual,
      )
    }),
    { numRuns: 30 },
  )
})
