import { expect, test } from 'vitest'
import { creationOf, parseRecord, recordOf } from './container-record.ts'

const ID = '4f5be6c1d2a3'.padEnd(64, '0')
/** As `docker inspect` prints it, in part. */
const INSPECTED = {
  Id: ID,
  Name: '/shop-r3_app_1',
  Config: {
    Hostname: ID.slice(0, 12),
    Env: ['PORT=3000', 'KEY=a=b'],
    Labels: { mine: 'yes', 'com.docker.compose.container-number': '1' },
    Image: 'sha256:abc',
  },
  HostConfig: { NetworkMode: 'shop_default', Memory: 1_000, Binds: null },
  NetworkSettings: {
    Networks: {
      shop_back: {
        Aliases: ['app', 'shop-r3_app_1', ID.slice(0, 12)],
        IPAddress: '10.1.0.3',
        MacAddress: '02:42',
      },
      shop_default: {
        Aliases: ['app'],
        IPAMConfig: { LinkLocalIPs: ['169.254.1.1'] },
        IPAddress: '10.0.0.3',
      },
    },
  },
}

test('what is kept of a container is what was asked for, not what it was given', () => {
  const record = recordOf(INSPECTED)
  expect(JSON.stringify(record)).not.toMatch(/10\.[01]|02:42|4f5be6c1d2a3/)
  expect(record).toMatchObject({
    name: 'shop-r3_app_',
    host: { Memory: 1_000 },
    networks: { shop_back: { Aliases: ['app'] } },
  })
  const named = { ...INSPECTED, Config: { ...INSPECTED.Config, Hostname: 'till-7' } }
  expect(recordOf(named).config).toMatchObject({ Hostname: 'till-7' })
})

test('a network that Compose 2 has named by its id is kept by its name', () => {
  const { Networks } = INSPECTED.NetworkSettings
  const { host } = recordOf({
    ...INSPECTED,
    HostConfig: { NetworkMode: 'a1b2' },
    NetworkSettings: {
      Networks: { ...Networks, shop_default: { ...Networks.shop_default, NetworkID: 'a1b2' } },
    },
  })
  expect(host).toEqual({ NetworkMode: 'shop_default' })
})

test('the second of it has its own number, and is in the network that its settings name before the others', () => {
  const { name, body, others } = creationOf(recordOf(INSPECTED), 2)
  expect(name).toBe('shop-r3_app_2')
  expect(body).toMatchObject({
    Env: ['PORT=3000', 'KEY=a=b'],
    Labels: { mine: 'yes', 'com.docker.compose.container-number': '2' },
    HostConfig: { NetworkMode: 'shop_default' },
    NetworkingConfig: {
      EndpointsConfig: { shop_default: { Aliases: ['app'], IPAMConfig: { LinkLocalIPs: ['169.254.1.1'] } } },
    },
  })
  expect(others).toEqual([['shop_back', { Aliases: ['app'] }]])
})

test('one that shares a network that is not its own asks for none', () => {
  const alone = {
    ...INSPECTED,
    NetworkSettings: { Networks: {} },
    HostConfig: { NetworkMode: 'container:x' },
  }
  const { body, others } = creationOf(recordOf(alone), 1)
  expect(body).not.toHaveProperty('NetworkingConfig')
  expect(others).toEqual([])
})

test('a record that was cut short is none', () => {
  const record = recordOf(INSPECTED)
  expect(parseRecord(JSON.parse(JSON.stringify(record)))).toEqual(record)
  for (const part of ['name', 'config', 'host', 'networks'])
    expect(parseRecord({ ...record, [part]: undefined })).toBe(null)
})
