import type { TemplateName } from './template-names.ts'

/**
 * What is said where the team has not written its own: the runbook's two notifications with all their fields, each for
 * three readers. `lastgood notify templates` writes them out to be changed.
 */
export const BUILTIN_TEMPLATES: Record<TemplateName, string> = {
  'incident.responders': `🚨 {{severity}} {{service}}: {{headline}}
**Status**: {{status}}
**Severity**: {{severity}} ({{severityWord}})
**Impact**: {{impact}}
**Action**: {{action}}
**ETA**: {{eta}}
**Data**: {{dataLoss}}
**Next Update**: {{nextUpdate}}
{{#commander}}
**Commander**: {{commander}}
{{/commander}}
{{#update}}

{{update}}
{{/update}}

**Timeline:**
{{#timeline}}
- {{time}} - {{text}}
{{/timeline}}
{{#findings}}

**Found:**
{{/findings}}
{{#findings}}
- {{text}}
{{/findings}}
`,
  'incident.executives': `{{severity}} {{service}}: {{headline}}
**Status**: {{status}}
**Severity**: {{severity}} ({{severityWord}})
**Impact**: {{impact}}
**Action**: {{action}}
**ETA**: {{eta}}
**Data**: {{dataLoss}}
**Next Update**: {{nextUpdate}}
{{#update}}

{{update}}
{{/update}}
`,
  'incident.customers': `{{service}}: {{headline}}
{{impact}}
{{#update}}
{{update}}
{{/update}}
**Status**: {{status}}
**Data**: {{dataLoss}}
{{#eta}}
**Expected to be over**: {{eta}}
{{/eta}}
{{#nextUpdate}}
**Next update**: {{nextUpdate}}
{{/nextUpdate}}
`,
  'resolution.responders': `✅ {{severity}} {{service}}: {{headline}}
**Status**: {{status}}
**Resolution**: {{resolution}}
**Duration**: {{duration}}
**Impact**: {{impact}}
**Data**: {{dataLoss}}

**Timeline:**
{{#timeline}}
- {{time}} - {{text}}
{{/timeline}}

**Next Steps:**
{{#nextSteps}}
- {{text}}
{{/nextSteps}}
`,
  'resolution.executives': `✅ {{service}}: {{headline}}
**Status**: {{status}}
**Resolution**: {{resolution}}
**Duration**: {{duration}}
**Impact**: {{impact}}
**Data**: {{dataLoss}}

**Next Steps:**
{{#nextSteps}}
- {{text}}
{{/nextSteps}}
`,
  'resolution.customers': `{{service}}: {{headline}}
It works again. It lasted {{duration}}.
{{#update}}
{{update}}
{{/update}}
**Data**: {{dataLoss}}

Thank you for your patience.
`,
  page: `📟 {{severity}} {{service}}: {{person}}, you are needed
**Why**: {{headline}}
**Impact**: {{impact}}
**Action**: {{action}}
**Data**: {{dataLoss}}

Take it: lastgood incident ack
What there is: lastgood incident show
`,
  review: `📅 {{service}}: {{headline}}
**Incident**: {{severity}} {{title}}
**Impact**: {{impact}}
**Data**: {{dataLoss}}

The agenda is in the invite.
`,
  change: `{{service}}: {{headline}}
{{#change}}
**{{label}}**: {{text}}
{{/change}}
`,
}
