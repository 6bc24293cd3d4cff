import type { PageIncident, StatusPage } from '../domain/notify/status-page.ts'
import { escapeMarkup, readableTime, STATUS_WORDS } from './words.ts'

/** Atom 1.0: one entry for each incident, updated with it. */
export function atomFeed(page: StatusPage): string {
  const { title, url, asOf } = page
  const incidents = [...page.current, ...page.past]
  const updated = incidents.map(changedAt).sort().at(-1) ?? asOf
  const id = url ?? `urn:lastgood:status:${encodeURIComponent(title)}`
  const links =
    url === null
      ? ''
      : `<link rel="self" href="${escapeMarkup(at(url, 'feed.atom'))}"/><link href="${escapeMarkup(url)}"/>\n`
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title>${escapeMarkup(title)} status</title>
<id>${escapeMarkup(id)}</id>
<updated>${updated}</updated>
<author><name>${escapeMarkup(title)}</name></author>
${links}${incidents.map((incident) => atomEntry(incident, id, url)).join('\n')}
</feed>
`
}

function atomEntry(incident: PageIncident, id: string, url: string | null): string {
  const link = url === null ? '' : `<link href="${escapeMarkup(at(url, `#incident-${incident.number}`))}"/>\n`
  return `<entry>
<title>${escapeMarkup(headline(incident))}</title>
<id>${escapeMarkup(`${id}#incident-${incident.number}`)}</id>
<published>${incident.startedAt}</published>
<updated>${changedAt(incident)}</updated>
${link}<content type="text">${escapeMarkup(contentOf(incident))}</content>
</entry>`
}

/** JSON Feed 1.1. */
export function jsonFeed(page: StatusPage): string {
  const { title, url } = page
  const place = url === null ? {} : { home_page_url: url, feed_url: at(url, 'feed.json') }
  return `${JSON.stringify(
    {
      version: 'https://jsonfeed.org/version/1.1',
      title: `${title} status`,
      ...place,
      items: [...page.current, ...page.past].map((incident) => ({
        id: `incident-${incident.number}`,
        ...(url === null ? {} : { url: at(url, `#incident-${incident.number}`) }),
        title: headline(incident),
        content_text: contentOf(incident),
        date_published: incident.startedAt,
        date_modified: changedAt(incident),
      })),
    },
    null,
    1,
  )}\n`
}

function headline({ title, status }: PageIncident): string {
  return `${title} (${STATUS_WORDS[status].toLowerCase()})`
}

function contentOf({ updates, data }: PageIncident): string {
  const lines = updates.map(
    ({ at: when, status, text }) => `${readableTime(when)} - ${STATUS_WORDS[status]}: ${text}`,
  )
  return [...lines, data].join('\n')
}

function changedAt({ updates, startedAt }: PageIncident): string {
  return updates[0]?.at ?? startedAt
}

function at(url: string, path: string): string {
  return path.startsWith('#') ? `${url}${path}` : `${url.replace(/\/?$/, '/')}${path}`
}
