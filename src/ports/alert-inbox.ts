import type { AlertNotification } from '../domain/alertmanager.ts'

/** Takes what Alertmanager posts. */
export interface AlertInbox {
  /**
   * Answers 2xx once `take` has returned, 5xx when it threw (Alertmanager then sends it again), 4xx for what is no
   * notification or lacks the token.
   * @throws OperatorError CANNOT_LISTEN
   */
  open(
    at: { host: string; port: number; token: string | null },
    take: (notification: AlertNotification) => Promise<void>,
  ): Promise<{ url: string; close(): Promise<void> }>
}
