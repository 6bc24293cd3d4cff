import { expect, test } from 'vitest'
import { copyStatements, methodsOf } from './copy-database.ts'

const request = { name: 'shop_template_c7_0a1b2c3d', template: 'my "shop"', owner: 'owner' }

test('the words for each version of the server', () => {
  const asked = (major: number) => methodsOf(major).map((method) => copyStatements(request, major, method))
  const create = 'CREATE DATABASE "shop_template_c7_0a1b2c3d" TEMPLATE "my ""shop""" OWNER "owner"'
  expect(asked(14)).toEqual([[`${create} ALLOW_CONNECTIONS false`]])
  const byFiles = `${create} STRATEGY file_copy ALLOW_CONNECTIONS false`
  expect(asked(15)).toEqual([[byFiles]])
  expect(asked(17)).toEqual([[byFiles]])
  expect(asked(18)).toEqual([
    ['SET file_copy_method = clone', byFiles],
    ['SET file_copy_method = copy', byFiles],
  ])
})
