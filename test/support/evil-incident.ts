import { badReleaseFacts, errorRate, type Fact } from './incident-journal.ts'
import { releaseFor } from './temporary-project.ts'

/** What a commit message, an error text, a name or a note may hold by accident or by design. */
export const evil = [
  '<script>globalThis.owned = 1</script>',
  '"><img src=x onerror="globalThis.owned = 2">',
  '[click](javascript:globalThis.owned=3) ![x](http://127.0.0.1:9/pixel.png)',
  '<!channel> <@U123> <http://127.0.0.1:9/|here> @everyone',
  '</title></style></svg><svg onload=globalThis.owned=4>',
  '| a | b |\n# Not a heading\n- [x] done\n```',
  'javascript:globalThis.owned=5 www.example.org http://127.0.0.1:9/x',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that of another template language
  '\u001b[31mred\u001b[0m \u202egnp.exe\u0000 {{constructor.constructor("return 1")()}} ${7*7} <%= 7*7 %>',
]

/** The bad release once more, with all of it in every text there is. */
export function evilFacts(): Fact[] {
  const all = evil.join(' ')
  const other = (n: number) => ({
    subject: 'incident/i1',
    actor: evil[1] ?? '',
    at: `2026-03-01T03:02:${10 + n}.000Z`,
  })
  const facts = badReleaseFacts().map((fact): Fact => {
    const [type, data, at] = fact
    if (type === 'ReleaseBuilt')
      return [
        type,
        { ...data, release: releaseFor(data.release.id, { version: '1', subject: all, ref: evil[0] ?? '' }) },
        at,
      ]
    if (type === 'FindingRecorded') return [type, { finding: { ...errorRate, summary: all } }, at]
    if (type === 'VerdictReached') return [type, { verdict: { ...data.verdict, reason: all } }, at]
    if (type === 'RunStarted')
      return [type, { ...data, reason: all, plan: { ...data.plan, dataLoss: all } }, at]
    if (type === 'StepSucceeded')
      return [type, { ...data, evidence: { ...data.evidence, [evil[4] ?? '']: all } }, at]
    if (type === 'RecoveryJudged') return [type, { ...data, detail: all }, at]
    return fact
  })
  return [
    ...facts,
    ['IncidentNoted', { incident: 'i1', text: all, corrects: 5, marks: null }, other(0)],
    ['IncidentImpactAssessed', { incident: 'i1', text: all }, other(1)],
    ['IncidentUpdated', { incident: 'i1', text: all, public: true, eta: null, nextUpdate: null }, other(2)],
    ['PersonPaged', { incident: 'i1', person: all, rung: 0, round: 0, reason: all }, other(3)],
    ['PageDeclined', { incident: 'i1', person: all, reason: all }, other(4)],
    ['ChecklistItemSkipped', { incident: 'i1', item: 'cache-cleared', person: all, reason: all }, other(5)],
    [
      'ActionItemAdded',
      { incident: 'i1', item: 'a1', text: all, kind: 'prevent', owner: all, due: null },
      other(6),
    ],
    ['ActionItemFiled', { incident: 'i1', item: 'a1', url: evil[2] ?? '' }, other(7)],
    ['IncidentResolved', { incident: 'i1', text: all }, other(8)],
  ]
}
