import type { ErrorEntry } from './error-entry.ts'

/** 10-19: refused, nothing changed; about incidents, and who is told of them. */
export const refusedIncident = {
  NO_INCIDENT: {
    exit: 11,
    title: 'No incident is going on',
    message: 'There is no open incident of {service}.',
    hint: 'lastgood incident open "what you see"   An older one by its name: lastgood incident list',
  },
  UNKNOWN_INCIDENT: {
    exit: 11,
    title: 'No such incident',
    message: 'There is no incident {name} of {service}. Known: {known}.',
    hint: 'lastgood incident list',
  },
  INCIDENT_OPEN: {
    exit: 10,
    title: 'One is going on already',
    message: '{incident} is {state}: {title}. What happens now belongs to it.',
    hint: 'lastgood incident note "what you see"   or end that one first: lastgood incident resolve "..."',
  },
  INCIDENT_STATE: {
    exit: 10,
    title: 'Not in this state',
    message: '{incident} is {state}, so it cannot be {what}.',
    hint: 'lastgood incident show {incident}   {hint}',
  },
  CHECKLIST_OPEN: {
    exit: 10,
    title: 'The checklist has open items',
    message:
      '{incident} cannot be closed: {count} of the checklist have neither evidence, nor a tick, nor a reason to be skipped.',
    hint: 'lastgood incident tick ITEM   or: lastgood incident tick ITEM --skip "why"',
  },
  UNKNOWN_ITEM: {
    exit: 11,
    title: 'No such item',
    message: 'The checklist has no item {name}. It has: {known}.',
    hint: 'lastgood incident show',
  },
  UNKNOWN_ACTION: {
    exit: 11,
    title: 'No such action item',
    message: '{incident} has no action item {name}. It has: {known}.',
    hint: 'lastgood incident action "what is to be done" --owner NAME --due 2026-01-31',
  },
  ISSUES_REFUSED: {
    exit: 15,
    title: 'The issue was not filed',
    message: '{where} did not take the action item {item}: {detail}.',
    hint: 'The others are filed and stay so. Mend it, then again: lastgood report {incident} --file',
  },
  UNKNOWN_SINK: {
    exit: 11,
    title: 'No such sink',
    message: 'There is no sink {name}. Known: {known}.',
    hint: 'lastgood notify list   shows each with what became of its messages',
  },
  NO_SINKS: {
    exit: 12,
    title: 'Nobody is to be told',
    message: '{config} names no sink, so there is nobody to tell.',
    hint: 'Add notify.sinks to it (docs/messages.md), then: lastgood notify test',
  },
  TEMPLATES_EXIST: {
    exit: 10,
    title: 'There are templates already',
    message: '{folder} has {names}; nothing was written over.',
    hint: 'Move them away, or write into another folder: lastgood notify templates OTHER',
  },
} as const satisfies Record<string, ErrorEntry>
