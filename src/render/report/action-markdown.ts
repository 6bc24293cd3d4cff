import type { ActionItem, Incident } from '../../domain/incident/incident.ts'
import { severityName } from '../../domain/incident/severity.ts'
import { oneLine } from '../incident-text.ts'
import { escapeMarkdown } from './escape.ts'

const PREVENTS: Record<ActionItem['kind'], string> = {
  detect: 'so that it is noticed sooner',
  prevent: 'so that it does not happen again',
  correct: 'so that it hurts less',
}

/** An action item as an issue of its own. */
export function actionMarkdown(incident: Incident, action: ActionItem): { title: string; body: string } {
  const { id, service, severity, title } = incident
  return {
    title: `${oneLine(action.text)} (${id}, ${severityName(severity)})`,
    body: [
      `${escapeMarkdown(action.text)}, ${PREVENTS[action.kind]}.`,
      '',
      `- Incident: ${id} of ${service}, ${severityName(severity)}: ${escapeMarkdown(title)}`,
      `- Owner: ${escapeMarkdown(action.owner ?? 'nobody yet')}`,
      `- Due: ${action.due ?? 'no date yet'}`,
    ].join('\n'),
  }
}
