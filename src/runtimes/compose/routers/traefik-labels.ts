import type { JsonValue } from '../../../ports/release-store.ts'

/**
 * A service of Traefik's that the labels do not name is named after the container's Compose project, which is another one
 * with every release. Its router would then have two, side by side, and Traefik drops a router that is defined twice.
 * @returns what to add; null: nothing
 */
export function labelThatIsMissing(labels: Readonly<Record<string, JsonValue>>, port: number): string | null {
  const names = Object.keys(labels)
  const router = names.map((name) => /^traefik\.http\.routers\.([^.]+)\./.exec(name)?.[1]).find(Boolean)
  if (router === undefined) return null
  const isNamed = names.some((name) =>
    /^traefik\.http\.(services\.[^.]+\.|routers\.[^.]+\.service$)/.test(name),
  )
  return isNamed ? null : `traefik.http.services.${router}.loadbalancer.server.port=${port}`
}
