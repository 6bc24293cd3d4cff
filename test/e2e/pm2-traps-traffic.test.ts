import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sample } from '../../lab/traffic/sample.ts'
import type { Traffic } from '../../lab/traffic/start-traffic.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { eventsOf, expectNoneFailed, openShop, reach, say, stepsOf } from '../support/trap-watch.ts'

let service: TinyService
let traffic: Traffic

beforeAll(async () => {
  service = await openTinyService('traffic', { standby: 'warm', window: '200ms', drainTimeout: '30s' })
  await service.commit('1.0.0')
  await service.ok('deploy', '--yes')
  traffic = await openShop(service)
})
afterAll(() => service.close())

const proven = (release: string) =>
  service.ok('releases', 'mark', 'proven', release, '--reason', 'again', '--yes')

/** Requests that were sent after a switch was recorded, and answered by another release than the one it went to. */
async function lateAnswers(samples: readonly Sample[]): Promise<unknown[]> {
  const live = (await eventsOf(service)).flatMap((event) =>
    event.type === 'ReleaseWentLive'
      ? [{ release: event.data.release, from: Date.parse(event.recordedAt) }]
      : [],
  )
  // The next switch begins before it is recorded, so what it moved to may answer as well.
  return samples.filter(({ at, release }) => {
    const now = live.findLastIndex(({ from }) => from < at - 1)
    const allowed = live.slice(Math.max(0, now), now + 2).map((each) => each.release)
    return release !== null && !allowed.includes(release)
  })
}

test('deploys, cold rollbacks and warm ones in a row, under load', async () => {
  await service.commit('1.1.0')
  await service.ok('deploy', '--yes')
  await reach(service, { 'r2 listening': 2, 'r1 holding': 2 })
  for (const to of ['r1', 'r2', 'r1', 'r2']) {
    await proven(to)
    const { json } = await service.ok('rollback', to, '--yes')
    expect(json).toMatchObject({ serving: { release: to } })
  }
  await service.commit('2.0.0', 'errors')
  await service.ok('deploy', '--yes', '--no-wait')
  const { json } = await service.ok('rollback', '--yes')
  expect(json).toMatchObject({ plan: { to: 'r2', way: 'standby' } })
})

test('no request failed, and nothing sent after a switch was answered by the release before', async () => {
  const samples = await traffic.stop()
  const requests = await expectNoneFailed(traffic)
  expect(await lateAnswers(samples)).toEqual([])
  const switches = (await stepsOf(service, 'switch-traffic')).map(({ evidence }) => Number(evidence.switchMs))
  say(`${requests} requests, none failed; the switches took ${switches.join(', ')} ms`)
})
