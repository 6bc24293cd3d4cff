import { expect, test } from 'vitest'
import { labelThatIsMissing } from './traefik-labels.ts'

const router = { 'traefik.http.routers.store.rule': 'PathPrefix(`/`)' }

test.each<[string, Record<string, string>, string | null]>([
  ['a router alone', router, 'traefik.http.services.store.loadbalancer.server.port=3000'],
  ['a service', { ...router, 'traefik.http.services.s.loadbalancer.server.port': '80' }, null],
  ['a service of elsewhere', { ...router, 'traefik.http.routers.store.service': 's@file' }, null],
  ['another kind of router', { 'caddy.reverse_proxy': '{{upstreams}}' }, null],
])('%s', (_, labels, missing) => {
  expect(labelThatIsMissing(labels, 3000)).toBe(missing)
})
