import { expect, test } from 'vitest'
import { isUp, parseServers, parseSessions } from './haproxy-state.ts'

const STATE = `1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_check_state
3 app 1 app1 172.17.0.4 2 0 1 7
3 app 2 app2 172.17.0.3 2 8 1 6
3 app 3 app3 - 0 40 1 14
3 app 4 app4 172.17.0.9 0 0 1 6
`

test('reads where each server is, and whether it takes requests', () => {
  const servers = parseServers(STATE)
  expect(servers.map((server) => [server.name, server.address, server.drains, isUp(server)])).toEqual([
    ['app1', '172.17.0.4', false, true],
    ['app2', '172.17.0.3', true, false],
    ['app3', null, true, false],
    ['app4', '172.17.0.9', false, false],
  ])
  expect(servers.filter(({ checks }) => checks).map(({ name }) => name)).toEqual(['app1'])
  expect(parseServers('Can’t find backend.\n')).toEqual([])
})

test('reads how many requests are under way', () => {
  const csv =
    '# pxname,svname,qcur,qmax,scur,smax\nfront,FRONTEND,,,9,9\napp,app1,0,0,3,5\napp,app2,0,0,0,1\n'
  expect([...parseSessions(csv, 'app')]).toEqual([
    ['app1', 3],
    ['app2', 0],
  ])
})
