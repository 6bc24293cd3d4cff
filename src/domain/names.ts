/** Letters, digits, dot, dash, underscore; begins with a letter or digit, so it is never `..`, hidden or an option. */
const serviceName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
const releaseId = /^r[1-9]\d{0,8}$/

/** Safe as one folder name, as part of a PM2 app name, and in a command line that a person types. */
export function isServiceName(text: string): boolean {
  return serviceName.test(text)
}

/** `r1`, `r2`, ...: only what nextReleaseId makes, so it is safe as one folder name. */
export function isReleaseId(text: string): boolean {
  return releaseId.test(text)
}
