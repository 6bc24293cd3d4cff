import { expect, test } from 'vitest'
import { readConfiguration } from './read-configuration.ts'

const base = 'service: store\nurl: http://127.0.0.1:3000\nruntime: { app: store, script: index.js }\n'
const SLACK = 'https://hooks.slack.com/services/T0/B0/secret-part'

function problemsOf(yaml: string): string[] {
  const read = readConfiguration(base + yaml, {})
  return read.ok ? [] : read.problems.map(({ path, message }) => `${path}: ${message}`)
}

test('nothing is needed: nobody is told, and there is no page', () => {
  expect(readConfiguration(base, {})).toMatchObject({
    ok: true,
    configuration: {
      notify: { templates: null, firstWithinMs: 300_000, updateEveryMs: 1_200_000, link: null, sinks: [] },
      statusPage: null,
    },
  })
})

test('a sink keeps its name, customers are the readers of what is public, and a page without parts is one part', () => {
  const yaml = `
notify:
  sinks:
    public: { kind: statuspage, page: abc, token: a-token }
    boss: { kind: email, reader: executives, smtp: "smtp://127.0.0.1", from: "Ops <ops@example.org>", to: [boss@example.org] }
statusPage: { folder: public, title: My store }
`
  expect(readConfiguration(base + yaml, {})).toMatchObject({
    ok: true,
    configuration: {
      notify: {
        sinks: [
          { name: 'public', kind: 'statuspage', reader: 'customers', api: 'https://api.statuspage.io' },
          { name: 'boss', kind: 'email', reader: 'executives' },
        ],
      },
      statusPage: { components: [{ name: 'My store', affectedBy: [] }] },
    },
  })
})

test('what is wrong is named at its place, in one go', () => {
  const yaml = `
notify:
  templates: ../elsewhere
  sinks:
    Ops: { kind: console }
    a: { kind: slack }
    b: { kind: slack-bot, token: x, channel: "#ops" }
    c: { kind: pagerduty, routingKey: short }
    d: { kind: email, smtp: "http://x", from: "a@b\\nBcc: c@d", to: [] }
    e: { kind: webhook, url: "https://user:pw@example.org/", secret: plain }
    f: { kind: github, repository: store, token: "a b" }
`
  expect(problemsOf(yaml)).toEqual([
    expect.stringMatching(/^notify\.templates: must be a folder, relative to the repository/),
    'notify.sinks.Ops: is not a name of a-z, 0-9 and "-"',
    expect.stringMatching(
      /^notify\.sinks\.a\.kind: is no known kind of sink; one of: console, file, slack-webhook/,
    ),
    expect.stringMatching(/^notify\.sinks\.b\.channel: must be the id of a channel/),
    expect.stringMatching(/^notify\.sinks\.c\.routingKey: must be the 32 characters/),
    expect.stringMatching(/^notify\.sinks\.d\.smtp: must be a URL such as smtps:/),
    expect.stringMatching(/^notify\.sinks\.d\.from: must be an address/),
    'notify.sinks.d.to: needs at least one address',
    expect.stringMatching(/^notify\.sinks\.e\.url: must be a URL/),
    expect.stringMatching(/^notify\.sinks\.e\.secret: must be whsec_/),
    'notify.sinks.f.repository: must be owner/name',
    'notify.sinks.f.token: must be a token',
  ])
})

test('keys that stand in the file are secrets, and are not kept in its copy', () => {
  const yaml = `
notify:
  sinks:
    ops: { kind: slack-webhook, webhook: "${SLACK}" }
    mail: { kind: email, smtp: "smtps://ann:hunter2%40home@mail.example.org", from: a@example.org, to: [b@example.org] }
    pager: { kind: pagerduty, routingKey: R0123456789ABCDEF0123456789ABCDE }
`
  const read = readConfiguration(base + yaml, {})
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const secrets = [SLACK, 'hunter2%40home', 'hunter2@home', 'R0123456789ABCDEF0123456789ABCDE']
  expect(read.secrets).toEqual(expect.arrayContaining(secrets))
  for (const secret of secrets) expect(read.text).not.toContain(secret)
})
