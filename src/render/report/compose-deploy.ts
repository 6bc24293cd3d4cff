import type { JournalEvent } from '../../domain/event.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { formatMs } from '../format.ts'
import { type Block, type Sentence, says } from './report.ts'

/** What was known of the release when it was put out: who, with what proof of a way back, over which warning. */
export function composeDeploy({
  incident,
  events,
}: {
  incident: Incident
  events: readonly JournalEvent[]
}): Block[] {
  const { release, openedBy } = incident
  const before = events.filter(({ seq }) => seq <= openedBy.seq)
  const items = release === null ? [] : before.flatMap((event) => tellOf(event, release))
  const none = says('The journal has nothing on how it was put out.', openedBy.seq)
  return [{ kind: 'list', items: items.length === 0 ? [none] : items }]
}

function tellOf(event: JournalEvent, release: string): Sentence[] {
  switch (event.type) {
    case 'ReleaseBuilt':
      if (event.data.release.id !== release) return []
      return [
        says(
          `Built from ${event.data.release.commit?.slice(0, 7) ?? 'no commit'} (${event.data.release.ref}), "${event.data.release.subject}", in ${formatMs(event.data.buildMs)}.`,
          event.seq,
        ),
      ]
    case 'RunStarted': {
      const { plan, reason, forced } = event.data
      if (plan.to !== release || plan.verb !== 'deploy') return []
      return [
        says(
          `Put out by ${event.actor}: ${reason}${forced ? ', although it was marked bad (forced)' : ''}.`,
          event.seq,
        ),
      ]
    }
    case 'WaysBackRehearsed': {
      const { proof } = event.data
      if (event.data.release !== release) return []
      const old = proof.oldCodeOnNewSchema?.outcome ?? 'not needed'
      const text = `Its way back to ${proof.back ?? 'nothing'} was rehearsed on a ${proof.copy.kind} copy: the older code on its schema ${old}, the way down ${proof.down.kind}, the release itself ${proof.newRelease.outcome}.`
      return [says(text, event.seq)]
    }
    case 'VerificationRecorded': {
      const { verification } = event.data
      if (event.data.release !== release) return []
      return [
        says(
          `Verified: ${verification.outcome}, ${verification.checks.length} checks over ${formatMs(verification.windowMs)}.`,
          event.seq,
        ),
      ]
    }
    case 'CheckpointCreated':
      if (event.data.release !== release) return []
      return [
        says(
          `Checkpoint ${event.data.checkpoint} was taken while it served: ${event.data.rows} rows.`,
          event.seq,
        ),
      ]
    case 'ReleaseMarkedProven':
      return event.data.release === release
        ? [says(`Marked proven: ${event.data.mark.reason}.`, event.seq)]
        : []
    case 'ReleaseWentLive':
      return event.data.release === release
        ? [says(`It took the traffic (${event.data.by}).`, event.seq)]
        : []
    default:
      return []
  }
}
