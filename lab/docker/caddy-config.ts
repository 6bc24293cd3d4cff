/** Where Caddy's container sees the folder with the file that is called as what is live. */
export const LIVE = '/run/live'

/** As docs/docker.md has it: the name of the file in the folder is asked for in the engine's DNS, with each request. */
export function caddyConfig(): string {
  const handle = [
    {
      handler: 'map',
      source: '{http.matchers.file.relative}',
      destinations: ['{live}'],
      mappings: [{ input_regexp: '^/?(.+)$', outputs: ['$1'] }],
    },
    {
      '@id': 'store',
      handler: 'reverse_proxy',
      dynamic_upstreams: { source: 'a', name: '{live}', port: '3000', refresh: '500ms' },
    },
  ]
  const routes = [{ match: [{ file: { root: LIVE, try_files: ['*'] } }], handle }]
  const server = { listen: [':8080'], routes, automatic_https: { disable: true } }
  return JSON.stringify({
    admin: { listen: '0.0.0.0:2019' },
    apps: { http: { servers: { public: server } } },
  })
}
