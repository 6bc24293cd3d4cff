/**
 * Caddy's settings for the containers called `app`. `found`: in the engine's DNS, as docs/docker.md has it; `listed`: told by
 * name over the admin API.
 */
export function caddyConfig(upstreams: 'found' | 'listed'): string {
  const handler = {
    '@id': 'store',
    handler: 'reverse_proxy',
    ...(upstreams === 'found' ? FOUND : { upstreams: [] }),
  }
  const server = { listen: [':8080'], routes: [{ handle: [handler] }], automatic_https: { disable: true } }
  return JSON.stringify({
    admin: { listen: '0.0.0.0:2019' },
    apps: { http: { servers: { public: server } } },
  })
}

const FOUND = {
  dynamic_upstreams: { source: 'a', name: 'app', port: '3000', refresh: '500ms' },
  // One that refuses is left alone for a moment, and another one asked.
  load_balancing: { selection_policy: { policy: 'round_robin' }, try_duration: '5s', try_interval: '10ms' },
  health_checks: { passive: { fail_duration: '200ms' } },
  transport: { protocol: 'http', dial_timeout: '250ms' },
}
