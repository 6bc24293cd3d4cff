import { expect, test } from 'vitest'
import { parseResolved } from './parse.ts'

/** As docker-compose 1.29 prints it. */
const OLD = `services:
  app:
    build:
      context: /srv/shop
      args: {A: '1'}
    command: node index.js
    container_name: the-app
    depends_on:
      db: {condition: service_started}
    deploy: {replicas: 3, resources: {limits: {memory: 100M}}}
    environment: {PORT: '3000', PRICE: 5$$, EMPTY: ''}
    healthcheck: {test: [CMD, 'true']}
    ports: ['127.0.0.1:8080:3000/tcp']
    restart: always
    volumes: ['data:/data:rw', '/srv/shop/up:/up:rw']
  db: {image: 'postgres:16'}
version: '3.9'
volumes:
  data: {}
`

/** As docker compose 2 prints it. */
const NEW = `name: shop
services:
  app:
    image: shop/app:1
    networks: {front: {ipv4_address: 10.0.0.5, aliases: [store]}, back: null}
    expose: ["4000"]
    ports: [{mode: ingress, target: 4000, published: "80", protocol: tcp}]
    volumes: [{type: volume, source: data, target: /data}, {type: bind, source: /x, target: /y}]
    secrets: [{source: key, target: /run/secrets/key}]
networks:
  front: {name: shop_front, external: true}
  back: {name: shop_back}
volumes:
  data: {name: shop_data}
secrets:
  key: {name: shop_key, file: /srv/key}
  other: {file: /srv/other}
`

function read(text: string) {
  const result = parseResolved(text, 'shop', 'app')
  if (!result.ok) throw new Error(result.problem)
  return result.service
}

test('what Compose 1 says of a service', () => {
  expect(read(OLD)).toEqual({
    definition: {
      command: 'node index.js',
      healthcheck: { test: ['CMD', 'true'] },
      ports: ['127.0.0.1:8080:3000/tcp'],
      restart: 'always',
      volumes: ['data:/data:rw', '/srv/shop/up:/up:rw'],
      deploy: { resources: { limits: { memory: '100M' } } },
      networks: { default: null },
    },
    environment: { PORT: '3000', PRICE: '5$', EMPTY: '' },
    build: { context: '/srv/shop', dockerfile: null, target: null, args: { A: '1' } },
    image: null,
    instances: 3,
    port: 3000,
    publishes: true,
    hasHealthcheck: true,
    networks: { default: 'shop_default' },
    volumes: { data: 'shop_data' },
    files: { secrets: {}, configs: {} },
  })
})

test('what Compose 2 says of one', () => {
  expect(read(NEW)).toMatchObject({
    definition: { networks: { front: { aliases: ['store'] }, back: null } },
    image: 'shop/app:1',
    build: null,
    port: 4000,
    networks: { front: 'shop_front', back: 'shop_back' },
    volumes: { data: 'shop_data' },
    files: { secrets: { key: { name: 'shop_key', file: '/srv/key' } } },
  })
})

test.each([
  ['services: {db: {}}', 'there is no service app'],
  ['services: {app: {volumes_from: [db]}}', 'app has volumes_from, which ties it to another container'],
  ['services: {app: {network_mode: "service:db"}}', 'app shares the network of another container'],
  [
    'services: {app: {build: {context: ., dockerfile_inline: FROM x}}}',
    'app is built with build.dockerfile_inline, which is not supported',
  ],
  ['nothing: 1', 'Compose printed no services'],
])('%s is refused', (text, problem) => {
  expect(parseResolved(text, 'shop', 'app')).toMatchObject({ ok: false, problem })
})
