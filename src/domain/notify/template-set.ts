import { BUILTIN_TEMPLATES } from './builtin-templates.ts'
import type { Occasion, Reader } from './message.ts'
import { checkTemplate, parseTemplate, type Template, type Vocabulary } from './template.ts'
import { TEMPLATE_NAMES, type TemplateName } from './template-names.ts'

export type TemplateSet = Record<TemplateName, Template>

const LIST = ['time', 'text'] as const

/** For the team. Everything that is known. */
export const TEAM_VOCABULARY = {
  service: 'text',
  incident: 'text',
  title: 'text',
  headline: 'text',
  severity: 'text',
  severityWord: 'text',
  status: 'text',
  impact: 'text',
  action: 'text',
  eta: 'text',
  nextUpdate: 'text',
  dataLoss: 'text',
  release: 'text',
  target: 'text',
  resolution: 'text',
  duration: 'text',
  update: 'text',
  commander: 'text',
  person: 'text',
  link: 'text',
  timeline: LIST,
  findings: ['text'],
  nextSteps: ['text'],
} as const satisfies Vocabulary

/** For customers: no release, no name, no finding, no step. A template for them that asks for one is refused. */
export const PUBLIC_VOCABULARY = {
  service: 'text',
  headline: 'text',
  status: 'text',
  impact: 'text',
  eta: 'text',
  nextUpdate: 'text',
  dataLoss: 'text',
  duration: 'text',
  update: 'text',
  link: 'text',
} as const satisfies Vocabulary

const CHANGE_VOCABULARY = {
  service: 'text',
  headline: 'text',
  change: ['label', 'text'],
} as const satisfies Vocabulary

export type TeamView = ViewOf<typeof TEAM_VOCABULARY>
export type PublicView = ViewOf<typeof PUBLIC_VOCABULARY>
export type ChangeView = ViewOf<typeof CHANGE_VOCABULARY>

type ViewOf<V extends Vocabulary> = {
  [Name in keyof V]: V[Name] extends readonly (infer Field extends string)[]
    ? readonly Record<Field, string>[]
    : string | null
}

export function vocabularyOf(name: TemplateName): Vocabulary {
  if (name.endsWith('.customers')) return PUBLIC_VOCABULARY
  return name === 'change' ? CHANGE_VOCABULARY : TEAM_VOCABULARY
}

/** Whether data was lost, how much, or that none was, is said every time. */
function requiredOf(name: TemplateName): string[] {
  return name === 'change' || name === 'page' || name === 'review' ? [] : ['dataLoss']
}

export function templateFor(occasion: Occasion, reader: Reader): TemplateName {
  if (occasion === 'page' || occasion === 'review') return occasion
  if (occasion === 'change' || occasion === 'test') return 'change'
  return occasion === 'resolved' || occasion === 'dismissed' ? `resolution.${reader}` : `incident.${reader}`
}

/**
 * The team's templates over the built-in ones, by name. One that cannot be used is left out, so that a message still goes
 * out, and is a problem that the doctor names.
 */
export function compileTemplates(own: ReadonlyMap<string, string>): { set: TemplateSet; problems: string[] } {
  const problems: string[] = []
  const compile = (name: TemplateName): Template => {
    const source = own.get(name)
    const builtin = parseTemplate(BUILTIN_TEMPLATES[name])
    if (source === undefined) return builtin
    const template = parseTemplate(source)
    const found = checkTemplate(template, vocabularyOf(name), requiredOf(name))
    problems.push(...found.map((problem) => `${name}.md: ${problem}`))
    return found.length === 0 ? template : builtin
  }
  for (const name of own.keys())
    if (!TEMPLATE_NAMES.some((known) => known === name))
      problems.push(`${name}.md is no template; there are: ${TEMPLATE_NAMES.join(', ')}`)
  const set = Object.fromEntries(TEMPLATE_NAMES.map((name) => [name, compile(name)])) as TemplateSet
  return { set, problems }
}
