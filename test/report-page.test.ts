import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromiumPath, findBarriers, looks, openBrowser, visit } from './support/browser.ts'
import { evil, evilFacts } from './support/evil-incident.ts'
import { openIncidentHome } from './support/incident-home.ts'
import { badReleaseFacts, type Fact } from './support/incident-journal.ts'
import { makeTemporaryFolder, type TemporaryFolder } from './support/temporary-project.ts'

/** Where they are kept for the documentation: SCREENSHOTS=docs/images npx vitest run --project unit test/report-page.test.ts */
const { SCREENSHOTS } = process.env

let browser: Browser
let folder: TemporaryFolder
const pages: Record<string, string> = {}

async function reportOf(facts: readonly Fact[], edits: string): Promise<string> {
  await using home = await openIncidentHome('', facts)
  writeFileSync(join(folder.path, 'edits.md'), edits)
  const ran = await home.run('report', '--out', folder.path)
  expect(ran.exit, ran.text).toBe(0)
  return pathToFileURL(ran.json.html).href
}

beforeAll(async () => {
  folder = makeTemporaryFolder()
  if (chromiumPath === null) return
  browser = await openBrowser()
  const words = '## Prevention\n\nA test of **checkout**, see `checkout.ts`.\n\n### Later\n\n- an alert\n'
  pages.plain = await reportOf([...badReleaseFacts(), ...actions], words)
})
afterAll(async () => {
  await browser?.close()
  await folder[Symbol.asyncDispose]()
})

const actions: Fact[] = [
  [
    'ActionItemAdded',
    { incident: 'i1', item: 'a1', text: 'Test checkout', kind: 'prevent', owner: 'ann', due: '2026-03-14' },
    { subject: 'incident/i1', at: '2026-03-01T03:05:00.000Z' },
  ],
  [
    'IncidentUpdated',
    {
      incident: 'i1',
      text: 'r1 takes over',
      public: true,
      eta: null,
      nextUpdate: '2026-03-01T03:25:00.000Z',
    },
    { subject: 'incident/i1', at: '2026-03-01T03:05:10.000Z', actor: 'ann' },
  ],
]

test.skipIf(chromiumPath === null).each(looks)(
  'the report, $name: readable by everybody, and nothing is fetched or run',
  async (look) => {
    const { page, complaints, fetched, close } = await visit(browser, pages.plain ?? '', look)
    expect(await findBarriers(page)).toEqual([])
    expect(complaints).toEqual([])
    expect(fetched).toEqual([pages.plain])
    // Nothing but what scrolls in its own box is wider than the window.
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    const broken = await page.evaluate(
      "[...document.querySelectorAll('a.event')].filter((a) => !document.querySelector(a.getAttribute('href'))).length",
    )
    expect(broken).toBe(0)
    if (SCREENSHOTS !== undefined) {
      const name = `report-${look.name.replace(', ', '-')}.png`
      await page.screenshot({ path: join(SCREENSHOTS, name) })
    }
    await close()
  },
)

test.skipIf(chromiumPath === null)('whatever people and programs have written is text in it', async () => {
  const url = await reportOf(
    evilFacts(),
    `## Summary\n\n${evil.join('\n\n')}\n\n## ${evil[0]}\n\n${evil[1]}\n`,
  )
  const [look] = looks
  const { page, complaints, fetched, close } = await visit(browser, url, look)
  expect(complaints).toEqual([])
  expect(fetched).toEqual([url])
  const active =
    'script, iframe, object, embed, img, link, form, input, [onerror], [onload], [onclick], a:not([href^="#event-"]):not([href^="http"])'
  const found = `[...document.querySelectorAll(${JSON.stringify(active)})].map((element) => element.outerHTML)`
  expect(await page.evaluate(found)).toEqual([])
  expect(await page.evaluate('globalThis.owned')).toBeUndefined()
  expect(await findBarriers(page)).toEqual([])
  await close()
})
