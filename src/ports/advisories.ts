import type { SecuritySettings } from '../domain/watch-configuration.ts'

export interface Advisory {
  /** `GHSA-...`, `CVE-...` */
  id: string
  package: string
  version: string
  severity: 'low' | 'moderate' | 'high' | 'critical'
  title: string
  /** Which source said so: `npm audit`, the file. */
  source: string
}

export interface Advisories {
  /**
   * What is known against the packages of the lockfile in `folder`, at `level` and above. Never throws: a source that cannot
   * be asked is in `problems`, and is no evidence against the release.
   */
  check(folder: string, settings: SecuritySettings): Promise<{ advisories: Advisory[]; problems: string[] }>
}
