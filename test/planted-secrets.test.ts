import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openMailServer } from '../lab/mail/mail-server.ts'
import { waitUntil } from '../lab/wait-until.ts'
import { openIncidentHome } from './support/incident-home.ts'
import { KEYS, StrictServices } from './support/strict-services.ts'

/** Values of variables: what programs are given, and one day print. `smtp` has its password in an address. */
const planted = fc.constantFrom(
  { API_TOKEN: 'hunter2-very-secret', SMTP_WORD: 'plainword99' },
  { API_TOKEN: `<b>"t0k'en"&#1;</b>`, SMTP_WORD: 'p%40ss%2Fw0rd' },
  { API_TOKEN: 'a|b*c_d`e~f[g](h)\\i', SMTP_WORD: 'x-%3Cy%3E-z99' },
)

const configuration = (url: string, smtp: string) => `env: { API_TOKEN: "\${API_TOKEN}" }
contacts:
  people: { ann: { name: Ann Lee, email: ann@example.org, users: [root, runner, node] } }
  onCall: { command: [sh, -c, "echo $API_TOKEN"] }
  ladder: [ann]
notify:
  sinks:
    log: { kind: file, path: ./messages.jsonl }
    ops: { kind: slack-bot, token: "\${SLACK}", channel: C0123456789, api: ${url}/api }
    mail: { kind: email, smtp: "${smtp}", from: lastgood@example.org, to: [ops@example.org] }
    pager: { kind: pagerduty, routingKey: "\${PAGER}", api: ${url} }
    public: { kind: statuspage, page: page1, token: "\${PAGE}", components: { Shop: cmp1 }, api: ${url} }
    events: { kind: webhook, url: ${url}/hook, secret: "\${HOOK}" }
    issues: { kind: github, repository: acme/store, token: "\${GITHUB}", api: ${url} }
statusPage: { folder: ./public, title: My store }
incident: { folder: ./incidents }
`

/** What a person may type or paste, with a secret in the middle of it. */
const saying = (text: string): fc.Arbitrary<readonly string[]> =>
  fc.constantFrom(
    ['incident', 'note', text],
    ['incident', 'impact', text],
    ['incident', 'update', text, '--public'],
    ['incident', 'severity', 'SEV-1', '--reason', text],
    ['incident', 'ack', '--decline', text],
    ['incident', 'ack', '--as', text],
    ['incident', 'role', 'scribe', text],
    ['incident', 'tick', 'cache-cleared', '--note', text],
    ['incident', 'tick', 'users-notified', '--skip', text],
    ['incident', 'action', text, '--owner', text],
    ['incident', 'review', '--cancel', text],
    ['contacts'],
  )

test('a planted secret is in no message, no report, no invite, no page, and not on the screen', async () => {
  const runs = planted.chain((secrets) => {
    const told = saying(`it printed ${secrets.API_TOKEN}, then ${decodeURIComponent(secrets.SMTP_WORD)}.`)
    return fc.record({ secrets: fc.constant(secrets), said: fc.array(told, { minLength: 3, maxLength: 6 }) })
  })
  await fc.assert(
    fc.asyncProperty(runs, async ({ secrets, said }) => {
      await using services = await StrictServices.open()
      await using mail = await openMailServer()
      const smtp = mail.url.replace('smtp://', `smtp://ops:\${SMTP_WORD}@`)
      const env = { SLACK: KEYS.slack, PAGER: KEYS.pagerduty, PAGE: KEYS.statuspage, HOOK: KEYS.webhook }
      await using home = await openIncidentHome(configuration(services.url, smtp), [], {
        ...{ ...secrets, ...env, GITHUB: KEYS.github },
      })
      const word = decodeURIComponent(secrets.SMTP_WORD)
      const shown: string[] = []
      const type = async (words: readonly string[]) => shown.push((await home.read(...words)).text)
      await type(['incident', 'open', `the shop said ${secrets.API_TOKEN} and ${word}`])
      await type(['incident', 'review'])
      for (const words of said) await type(words)
      await type(['incident', 'resolve', `a rollback, without ${secrets.API_TOKEN}`])
      // On a machine that is busy, what was not through at the end of a command goes with the next.
      const everybody = async () => (await home.run('notify', 'flush')).json.waiting.length === 0
      await waitUntil(everybody, { what: 'everybody to be told', timeoutMs: 30_000 })
      for (const words of [
        ['incident', 'show'],
        ['report'],
        ['notify', 'list'],
        ['status'],
        ['journal', 'export'],
      ])
        await type(words)

      const files = ['messages.jsonl', 'incidents/i1', 'public'].flatMap((place) =>
        filesIn(join(home.path, place)),
      )
      const out = [
        ...shown,
        ...files.map((file) => readFileSync(file, 'utf8')),
        ...mail.mails.flatMap(({ parsed }) => [
          parsed.subject ?? '',
          parsed.text ?? '',
          parsed.html || '',
          ...parsed.attachments.map(({ content }) => content.toString('utf8')),
        ]),
        ...services.taken.map(({ path, body }) => `${path} ${JSON.stringify({ ...body, routing_key: '' })}`),
      ]
      expect(files.map((file) => file.slice(home.path.length + 1))).toEqual(
        expect.arrayContaining([
          'messages.jsonl',
          'incidents/i1/report.html',
          'public/index.html',
          'public/feed.atom',
        ]),
      )
      expect(services.taken.length).toBeGreaterThan(4)
      expect(mail.mails.length).toBeGreaterThan(1)
      expect(out.join('\n')).toContain('***')
      // As it is, and in every form that one of these formats may give it.
      const values = [...Object.values(secrets), word, ...Object.values(env), KEYS.github]
      for (const text of out)
        for (const form of values.flatMap(formsOf))
          expect(text.includes(form) ? [form, text] : []).toEqual([])
    }),
    { numRuns: 4 },
  )
}, 120_000)

function formsOf(secret: string): string[] {
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const quoted = html.replaceAll('"', '&quot;').replaceAll("'", '&#39;')
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), html, quoted, encodeURIComponent(secret)])]
}

function filesIn(place: string): string[] {
  try {
    return readdirSync(place).map((name) => join(place, name))
  } catch {
    return [place]
  }
}
