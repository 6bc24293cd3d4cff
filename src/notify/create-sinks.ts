import type {
  EmailSettings,
  NotifyConfiguration,
  SinkSettings,
} from '../domain/notify/notify-configuration.ts'
import type { OutsideSink, Sink } from '../ports/sink.ts'
import { cloudEvents } from './cloud-events.ts'
import { consoleSink, type Say } from './console.ts'
import { fileSink } from './file.ts'
import { githubIssue } from './github-issue.ts'
import { pagerDuty } from './pagerduty.ts'
import { slackCard } from './slack-card.ts'
import { slackWebhook } from './slack-webhook.ts'
import { statuspage } from './statuspage.ts'

/** The adapter for each sink of the configuration. */
export function createSinks({ sinks }: NotifyConfiguration, say: Say): Sink[] {
  return sinks.map((settings) => createSink(settings, say))
}

function createSink(settings: SinkSettings, say: Say): Sink {
  switch (settings.kind) {
    case 'console':
      return consoleSink(settings, say)
    case 'file':
      return fileSink(settings)
    case 'slack-webhook':
      return slackWebhook(settings)
    case 'slack-bot':
      return slackCard(settings)
    case 'email':
      return lateEmail(settings)
    case 'pagerduty':
      return pagerDuty(settings)
    case 'statuspage':
      return statuspage(settings)
    case 'webhook':
      return cloudEvents(settings)
    case 'github':
      return githubIssue(settings)
  }
}

/** The mail library is loaded with the first mail. */
function lateEmail(settings: EmailSettings): OutsideSink {
  return {
    name: settings.name,
    kind: 'email',
    reach: 'outside',
    reader: settings.reader,
    deliver: async (...request) => (await import('./email.ts')).email(settings).deliver(...request),
  }
}
