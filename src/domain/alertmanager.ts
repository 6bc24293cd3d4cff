/** One alert of a notification of Alertmanager's webhook, version 4. */
export interface Alert {
  fingerprint: string
  status: 'firing' | 'resolved'
  /** `alertname`, or the fingerprint where it has none. */
  name: string
  severity: string | null
  summary: string | null
  startsAt: string
  /** Null while it fires. */
  endsAt: string | null
  labels: Record<string, string>
}

export interface AlertNotification {
  /** The same for every repetition and every duplicate: hash of group, status, and the alerts with theirs. */
  key: string
  groupKey: string
  status: 'firing' | 'resolved'
  alerts: Alert[]
  /** How many Alertmanager left out. */
  truncated: number
}

export type ParsedNotification = { ok: true; notification: AlertNotification } | { ok: false; why: string }

type Json = Record<string, unknown>

/**
 * What Alertmanager posts, as JSON that was parsed already. What is not known here is passed over: it gains fields with
 * its versions (`notification_reason`, `routeLabels`).
 * @param hash any text -> a short one
 */
export function parseNotification(body: unknown, hash: (text: string) => string): ParsedNotification {
  const notification = asMap(body)
  if (notification === null) return { ok: false, why: 'it is no JSON object' }
  const { version, groupKey, status, alerts } = notification
  if (version !== undefined && version !== '4')
    return { ok: false, why: `its version is ${String(version)}, and 4 is known here` }
  if (typeof groupKey !== 'string') return { ok: false, why: 'it has no groupKey' }
  if (!isStatus(status)) return { ok: false, why: 'its status is neither firing nor resolved' }
  if (!Array.isArray(alerts)) return { ok: false, why: 'it has no list of alerts' }
  const parsed: Alert[] = []
  for (const [index, each] of alerts.entries()) {
    const alert = parseAlert(asMap(each), hash)
    if (typeof alert === 'string') return { ok: false, why: `alert ${index + 1}: ${alert}` }
    parsed.push(alert)
  }
  const truncated = Number(notification.truncatedAlerts ?? 0)
  return {
    ok: true,
    notification: {
      key: hash(JSON.stringify([groupKey, status, parsed.map(identityOf).sort()])),
      groupKey,
      status,
      alerts: parsed,
      truncated: Number.isFinite(truncated) ? truncated : 0,
    },
  }
}

/** A text says what is wrong. */
function parseAlert(alert: Json | null, hash: (text: string) => string): Alert | string {
  if (alert === null) return 'it is no JSON object'
  const { status, startsAt, endsAt } = alert
  if (!isStatus(status)) return 'its status is neither firing nor resolved'
  if (typeof startsAt !== 'string') return 'it does not say when it began'
  const labels = textsIn(alert.labels)
  const annotations = textsIn(alert.annotations)
  const fingerprint =
    typeof alert.fingerprint === 'string' && alert.fingerprint !== ''
      ? alert.fingerprint
      : hash(JSON.stringify(Object.entries(labels).sort()))
  const ended = status === 'resolved' && typeof endsAt === 'string' && !endsAt.startsWith('0001-')
  return {
    fingerprint,
    status,
    name: labels.alertname || fingerprint,
    severity: labels.severity || null,
    summary: annotations.summary || annotations.description || annotations.message || null,
    startsAt,
    endsAt: ended ? endsAt : null,
    labels,
  }
}

/** An alert that begins again is another one; one that is only told again is not. */
function identityOf({ fingerprint, status, startsAt }: Alert): string {
  return JSON.stringify([fingerprint, status, startsAt])
}

function isStatus(value: unknown): value is 'firing' | 'resolved' {
  return value === 'firing' || value === 'resolved'
}

function textsIn(value: unknown): Record<string, string> {
  const entries = Object.entries(asMap(value) ?? {})
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function asMap(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
}
