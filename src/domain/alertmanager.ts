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
