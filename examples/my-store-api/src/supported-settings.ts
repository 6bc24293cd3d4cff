/**
 * A setting that asks for something this release cannot do makes every price it shows wrong. It says so in
 * /health/ready instead of guessing.
 */
export function unsupportedSetting(env: NodeJS.ProcessEnv): string | null {
  if (!env.PRICING_MODE) return null
  return `PRICING_MODE=${env.PRICING_MODE} is set, but this release knows fixed prices only: start it without PRICING_MODE`
}
