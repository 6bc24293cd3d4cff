import { before } from './before.ts'
import { notNow } from './not-now.ts'
import { partWay } from './part-way.ts'
import { failedAndPutBack } from './put-back.ts'
import { refused } from './refused.ts'
import { refusedData } from './refused-data.ts'
import { refusedIncident } from './refused-incident.ts'
import { refusedSource } from './refused-source.ts'

/**
 * Every error a person can meet: what happened, and what to type next. What is serving is added by the one renderer, which
 * asks. Codes are permanent. Exit codes: 1 our bug · 2 usage · 10-19 refused, nothing changed · 20-29 failed and put back ·
 * 30-39 partly changed, someone is needed · 40-49 lease held, or version too old.
 */
export const catalog = {
  ...before,
  ...refused,
  ...refusedData,
  ...refusedIncident,
  ...refusedSource,
  ...failedAndPutBack,
  ...partWay,
  ...notNow,
}

export type ErrorCode = keyof typeof catalog
