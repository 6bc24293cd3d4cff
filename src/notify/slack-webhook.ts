import type { SlackWebhookSettings } from '../domain/notify/notify-configuration.ts'
import type { OutsideSink } from '../ports/sink.ts'
import { exchange, isAnswer, judgeFailure, retry } from './http.ts'
import { slackMessage } from './slack-blocks.ts'

/** Posts each message anew: a webhook gives back no name for what it has posted, so nothing can be changed or answered. */
export function slackWebhook({ name, reader, webhook }: SlackWebhookSettings): OutsideSink {
  return {
    name,
    kind: 'slack-webhook',
    reach: 'outside',
    reader,
    async deliver(message, _receipt, signal) {
      const answer = await exchange({
        method: 'POST',
        url: webhook,
        json: slackMessage(message),
        signal,
      })
      if (!isAnswer(answer)) return answer
      if (answer.status !== 200) return judgeFailure(answer, 1_000)
      // The literal word; a login page of a proxy answers 200, too.
      if (answer.body.trim() !== 'ok') return retry('answered something else than "ok"')
      return { outcome: 'confirmed', afterMs: null, receipt: null, note: 'posted' }
    },
  }
}
