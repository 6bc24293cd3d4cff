import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HOSTILE } from '../../../test/support/messages.ts'
import { BUILTIN_TEMPLATES } from './builtin-templates.ts'
import { plainText } from './message-text.ts'
import { checkTemplate, parseTemplate, renderTemplate, type View } from './template.ts'
import { TEMPLATE_NAMES } from './template-names.ts'
import { compileTemplates, TEAM_VOCABULARY, vocabularyOf } from './template-set.ts'

const render = (source: string, view: View) => renderTemplate(parseTemplate(source), view)

test('a title, fields, a heading with its items, and what is not there leaves no trace', () => {
  const source = `{{service}}: {{headline}}
**Status**: {{status}}
**ETA**: {{eta}}
{{! for us }}
{{#commander}}
**Commander**: {{commander}}
{{/commander}}
{{^commander}}
Nobody leads yet.
{{/commander}}

**Timeline:**
{{#timeline}}
- {{time}} - {{text}}
{{/timeline}}
`
  const timeline = [
    { time: '14:02', text: 'detected' },
    { time: '14:05', text: 'rolled back' },
  ]
  const text = render(source, {
    service: 'store',
    headline: 'down',
    status: 'Open',
    eta: null,
    commander: null,
    timeline,
  })
  expect(text).toEqual({
    title: 'store: down',
    lines: [
      { line: 'field', label: 'Status', text: 'Open' },
      { line: 'plain', text: 'Nobody leads yet.' },
      { line: 'gap' },
      { line: 'heading', text: 'Timeline' },
      { line: 'item', text: '14:02 - detected' },
      { line: 'item', text: '14:05 - rolled back' },
    ],
  })
})

test('a value is a value: it makes no field, no heading, no item, no tag and no second line', () => {
  const text = render('{{title}}\n{{title}}\n- {{title}}\n', {
    title: '**Status**: resolved\n- all well {{status}}\n# big',
    status: 'secret',
  })
  const shown = '**Status**: resolved - all well {{status}} # big'
  expect(text).toEqual({
    title: shown,
    lines: [
      { line: 'plain', text: shown },
      { line: 'item', text: shown },
    ],
  })
})

test('what is wrong is named with its line', () => {
  const template = parseTemplate(
    '{{title}}\n{{#timeline}}\n{{time}} {{colour}}\n{{/timline}}\n{{{status}}}\n{{&status}} {{ten years}}\n',
  )
  expect(checkTemplate(template, TEAM_VOCABULARY, ['dataLoss'])).toEqual([
    'line 4: {{/timline}} closes {{#timeline}}',
    'line 5: "{{{" belongs to no tag: write {{name}}',
    'line 5: "}}}" belongs to no tag: write {{name}}',
    expect.stringContaining('line 6: "{{&status}}"'),
    expect.stringContaining('line 6: "{{ten years}}" is not understood'),
    expect.stringMatching(/^\{\{colour\}\} is no variable here; there are: service, incident/),
    '{{dataLoss}} is missing, and no such message may lack it',
  ])
  expect(checkTemplate(parseTemplate('{{#update}}\n'), TEAM_VOCABULARY, [])).toEqual([
    'line 1: {{#update}} is not closed',
  ])
})

test('the built-in ones pass their own check, and say what became of the data', () => {
  for (const name of TEMPLATE_NAMES) {
    const template = parseTemplate(BUILTIN_TEMPLATES[name])
    const required = name === 'change' ? [] : ['dataLoss']
    expect(checkTemplate(template, vocabularyOf(name), required), name).toEqual([])
  }
})

test('customers cannot be told what is internal: such a template is refused, and the built-in one is used', () => {
  const own = new Map([
    ['incident.customers', '{{release}}\n{{dataLoss}}\n'],
    ['mine', 'x'],
  ])
  const { set, problems } = compileTemplates(own)
  expect(problems).toEqual([
    'mine.md is no template; there are: incident.responders, incident.executives, incident.customers, resolution.responders, resolution.executives, resolution.customers, page, review, change',
    expect.stringMatching(/^incident\.customers\.md: \{\{release\}\} is no variable here/),
  ])
  expect(set['incident.customers']).toEqual(parseTemplate(BUILTIN_TEMPLATES['incident.customers']))
})

test('any text is a template, and any value a value: nothing throws, and no line is forged', () => {
  const pieces = fc.constantFrom(
    '{{',
    '}}',
    '{{title}}',
    '{{#timeline}}',
    '{{/timeline}}',
    '{{^eta}}',
    '**a**: ',
    '- ',
    '\n',
    HOSTILE,
    'x',
  )
  fc.assert(
    fc.property(
      fc.array(pieces).map((all) => all.join('')),
      fc.string({ unit: 'grapheme' }),
      (source, value) => {
        const text = render(source, { title: value, eta: null, timeline: [{ time: value, text: value }] })
        const breaks = (one: string) => one.includes('\n') || one.includes('\u202e') || one.includes('\ue000')
        expect(breaks(text.title)).toBe(false)
        expect(text.lines.some((line) => line.line !== 'gap' && breaks(line.text))).toBe(false)
        expect(plainText(text).split('\n').length).toBeLessThanOrEqual(text.lines.length + 2)
      },
    ),
    { numRuns: 300 },
  )
})
