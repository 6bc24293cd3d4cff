import type { Outcome } from '../domain/verification.ts'

/** One line of the doctor's. `unknown` is a warning: it would work, and could be better. */
export interface Finding {
  name: string
  outcome: Outcome
  text: string
  fix: string | null
}

export const passed = (name: string, text: string): Finding => ({ name, outcome: 'passed', text, fix: null })
export const failed = (name: string, text: string, fix: string): Finding => ({
  name,
  outcome: 'failed',
  text,
  fix,
})
export const warned = (name: string, text: string, fix: string): Finding => ({
  name,
  outcome: 'unknown',
  text,
  fix,
})
