import type { Findings } from './findings.ts'
import { writeScalar } from './write-scalar.ts'

/** What is needed for the day something goes wrong. What only the team can know stands there as a comment that works. */
export function incidentSections(findings: Findings): string[][] {
  return [
    watchSection(findings),
    contactsSection(findings),
    NOTIFY,
    reviewSection(findings),
    STATUS_PAGE,
    CACHE,
  ]
}

function watchSection({ databaseUrl, smoke }: Findings): string[] {
  const [path = '/search?q=a'] = smoke
  const invariants = [
    '  # Queries that tell whether the data is sound; 0 is well.',
    '  # invariants:',
    '  #   - { name: orders add up, sql: select count(*) from orders where total < 0, every: 30s }',
  ]
  return [
    '# lastgood watch finds a bad release out. ask proposes the rollback and waits for you, act rolls back by itself.',
    'watch:',
    '  policy: ask',
    '  # countdown: 30s # under act: time to call it off',
    '  # errorRate: 5%',
    '  # slowdown: 50% # against the last proven release',
    '  # fixForward: 30m # how long a finding may stay open for a fix',
    '  # What a user does, tried again and again: log in, search, check out.',
    '  # flows:',
    `  #   - { name: search, every: 5s, steps: [${writeScalar(`GET ${path}`)}] }`,
    ...(databaseUrl === null ? [] : invariants),
  ]
}

const OTHERS = [
  'bob: { name: Bob Roe, phone: "+1 212 5550100", email: bob@example.org }',
  'roles: { devops-lead: bob, cto: bob }',
  'climbAfter: 5m # without an answer the next one is called',
] as const

function contactsSection({ person, timeZone }: Findings): string[] {
  const about = '# Whom to call, in which order; lastgood contacts prints it as a card.'
  const [bob, roles, climb] = OTHERS
  const duty = (name: string) =>
    `onCall: { people: [${writeScalar(name)}], handover: "09:00", timeZone: ${writeScalar(timeZone)} }`
  if (person === null)
    return [
      about,
      '# contacts:',
      '#   people:',
      `#     ${bob}`,
      `#   ${duty('bob')}`,
      `#   ${roles}`,
      `#   ${climb}`,
    ]
  const { short, name, email, account } = person
  const users = account === short ? '' : `, users: [${writeScalar(account)}]`
  return [
    `${about} The first is you, as git knows you.`,
    'contacts:',
    '  people:',
    `    ${writeScalar(short)}: { name: ${writeScalar(name)}, email: ${writeScalar(email)}${users} } # phone: "+49 30 1234567"`,
    `    # ${bob}`,
    `  ${duty(short)} # in turns of a week`,
    `  # ${roles}`,
    `  # ${climb}`,
  ]
}

const NOTIFY = [
  '# Who is told, each under a name of its own; lastgood notify test tries them. Without any, nobody is told.',
  '# notify:',
  '#   sinks:',
  `#     ops: { kind: slack-webhook, webhook: "\${SLACK_WEBHOOK}" }`,
  `#     mail: { kind: email, smtp: "\${SMTP_URL}", from: lastgood@example.org, to: [ops@example.org] }`,
  `#     pager: { kind: pagerduty, routingKey: "\${PAGERDUTY_KEY}" }`,
  '#     log: { kind: file, path: /var/log/lastgood/messages.jsonl }',
]

function reviewSection({ timeZone }: Findings): string[] {
  return [
    '# What is done about an incident, and when its review is held.',
    'incident:',
    `  review: { timeZone: ${writeScalar(timeZone)}, time: "10:00" }`,
    '  # folder: ../incidents # where the reports are kept; by default in the home of lastgood',
    "  # The team's own items on the checklist:",
    '  # checklist: [{ phase: during, title: Search index rebuilt }]',
    `  # issues: { repository: shop/store, token: "\${GITHUB_TOKEN}" } # of action items`,
  ]
}

const STATUS_PAGE = [
  '# A page for customers, as files that any web server serves.',
  '# statusPage:',
  '#   folder: /var/www/status',
  '#   title: My store',
  '#   components: [{ name: Shop }, { name: Search, affectedBy: [search] }]',
]

const CACHE = [
  '# Emptied by a rollback, once traffic has moved.',
  '# cache:',
  `#   redis: [{ url: "redis://:\${REDIS_PASSWORD}@127.0.0.1:6379/0", prefixes: ["product:"] }]`,
  '#   http: [{ method: PURGE, url: "http://127.0.0.1:6081/" }]',
]
