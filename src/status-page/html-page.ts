import { createHash } from 'node:crypto'
import type { PageComponent, PageDay, PageIncident, StatusPage } from '../domain/notify/status-page.ts'
import { STYLES } from './styles.ts'
import {
  COMPONENT_WORDS,
  escapeMarkup,
  MARKS,
  OVERALL_WORDS,
  percent,
  readableTime,
  STATUS_MARKS,
  STATUS_WORDS,
} from './words.ts'

/** No script, and the page says itself that none may run: only this style, and nothing from anywhere. */
const POLICY = `default-src 'none'; img-src data:; style-src 'sha256-${createHash('sha256').update(STYLES).digest('base64')}'; base-uri 'none'; form-action 'none'`

/** One file that needs no other. Every text in it is escaped here, whatever it is. */
export function htmlPage(page: StatusPage): string {
  const { title, overall, asOf, components, current, past } = page
  const name = escapeMarkup(title)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${name}: ${OVERALL_WORDS[overall].toLowerCase()}</title>
<link rel="icon" href="data:,">
<link rel="alternate" type="application/atom+xml" title="${name} status" href="feed.atom">
<link rel="alternate" type="application/feed+json" title="${name} status" href="feed.json">
<style>${STYLES}</style>
</head>
<body>
<header>
<h1>${name} status</h1>
<p class="overall ${overall}"><span class="mark" aria-hidden="true">${MARKS[overall]}</span>${OVERALL_WORDS[overall]}</p>
<p class="dim">As of ${timeTag(asOf)}</p>
</header>
<main>
${current.length === 0 ? '' : `<section aria-labelledby="now">\n<h2 id="now">Now</h2>\n${current.map(incidentCard).join('\n')}\n</section>`}
<section aria-labelledby="components">
<h2 id="components">Components</h2>
<ul>
${components.map(componentCard).join('\n')}
</ul>
</section>
<section aria-labelledby="history">
<h2 id="history">The last 90 days</h2>
${past.length === 0 ? '<p>No incident.</p>' : past.map(incidentCard).join('\n')}
</section>
</main>
<footer class="dim">
<p>Follow it: <a href="feed.atom">Atom feed</a>, <a href="feed.json">JSON feed</a>. Times are UTC.</p>
</footer>
</body>
</html>
`
}

function componentCard({ name, description, state, uptime, days }: PageComponent): string {
  return `<li class="card">
<div class="row"><h3>${escapeMarkup(name)}</h3><span class="state ${state}"><span class="mark" aria-hidden="true">${MARKS[state]}</span>${COMPONENT_WORDS[state]}</span></div>
${description === null ? '' : `<p class="dim">${escapeMarkup(description)}</p>`}
${daysChart(name, days)}
<p class="dim">${uptime === null ? 'Nothing is known yet' : `${percent(uptime)} uptime over ${knownDays(days)}`}</p>
</li>`
}

function knownDays(days: readonly PageDay[]): string {
  const known = days.filter(({ state }) => state !== null).length
  return known === 1 ? '1 day' : `${known} days`
}

/** For eyes a bar for each day, for ears one sentence. */
function daysChart(name: string, days: readonly PageDay[]): string {
  const bad = days.filter(({ state }) => state !== null && state !== 'operational')
  const told = bad.map(
    ({ date, state, affectedMs }) =>
      `${date} ${state === null ? '' : COMPONENT_WORDS[state].toLowerCase()} for ${minutes(affectedMs)}`,
  )
  const sentence = `${name}, ${days.length} days: ${told.length === 0 ? 'no incident' : told.join('; ')}`
  const bars = days.map(
    ({ date, state, affectedMs }, i) =>
      `<rect class="${state ?? 'unknown'}" x="${i * 10}" y="0" width="8" height="32"><title>${date}: ${state === null ? 'not known' : state === 'operational' ? 'no incident' : `${COMPONENT_WORDS[state]}, ${minutes(affectedMs)}`}</title></rect>`,
  )
  return `<svg role="img" aria-label="${escapeMarkup(sentence)}" viewBox="0 0 ${days.length * 10 - 2} 32" preserveAspectRatio="none">${bars.join('')}</svg>`
}

function minutes(ms: number): string {
  if (ms < 60_000) return 'less than a minute'
  const whole = Math.round(ms / 60_000)
  return whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`
}

function incidentCard(incident: PageIncident): string {
  const { number, title, status, startedAt, resolvedAt, data, nextUpdate, updates } = incident
  const mark = STATUS_MARKS[status]
  const lasted =
    resolvedAt === null
      ? ''
      : `<dt>Lasted</dt><dd>${minutes(Date.parse(resolvedAt) - Date.parse(startedAt))}</dd>\n`
  const next = nextUpdate === null ? '' : `<dt>Next update</dt><dd>by ${timeTag(nextUpdate)}</dd>\n`
  return `<article class="card" id="incident-${number}" aria-labelledby="title-${number}">
<div class="row"><h3 id="title-${number}">${escapeMarkup(title)}</h3><span class="state ${mark}"><span class="mark" aria-hidden="true">${MARKS[mark]}</span>${STATUS_WORDS[status]}</span></div>
<dl>
<dt>Began</dt><dd>${timeTag(startedAt)}</dd>
${lasted}${next}<dt>Data</dt><dd>${escapeMarkup(data)}</dd>
</dl>
<ol class="updates">
${updates.map(({ at, status: then, text }) => `<li><strong>${STATUS_WORDS[then]}</strong> <span class="dim">${timeTag(at)}</span><br>${escapeMarkup(text)}</li>`).join('\n')}
</ol>
</article>`
}

function timeTag(at: string): string {
  return `<time datetime="${escapeMarkup(at)}">${escapeMarkup(readableTime(at))}</time>`
}
