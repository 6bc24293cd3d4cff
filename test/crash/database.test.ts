import { afterAll, describe, expect, test } from 'vitest'
import type { JournalEvent } from '../../src/domain/event.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { sampled } from '../support/sampled.ts'
import { APPLIED, openDatabaseRig, type Schema } from './database-rig.ts'

/**
 * One service for the whole file: each case begins with what the one before has left. r1 serves; each release after it
 * renames a column, which r1 does not know, and is taken back.
 */
const rig = await openDatabaseRig('crash-database')
afterAll(() => rig.close())

await rig.commitWith('1.0.0', 'first')
await rig.ok('deploy', '--yes')

let number = 0
const commitNext = async (schema: Schema = 'renamed') => {
  number += 1
  const version = `2.${number}.0`
  await rig.commitWith(version, schema)
  return version
}
const written = async (row: string) => {
  expect(await rig.write(row)).toBe(true)
  return row
}
const resume = async (...args: string[]) => {
  const { json, stdout } = await rig.lastgood(['resume', '--yes', '--json', ...args])
  return { ...json, stdout } as { outcome: string; plan: Plan; stdout: string }
}
const badOnes = async () => (await rig.otherDatabases()).filter((name) => name.startsWith('tiny_bad_'))

test('a commit is built for its rehearsal and put out by nobody; a build that is killed has used its name', async () => {
  await commitNext()
  expect(await rig.lastgood(['rehearse', 'HEAD'], { at: 'rehearse/building' })).toMatchObject({ exit: 137 })
  for (let time = 0; time < 2; time++) {
    const { json } = await rig.ok('rehearse', 'HEAD')
    expect(json).toMatchObject({ proof: { release: 'r3', back: 'r1', down: { kind: 'reversible' } } })
  }
  const { json } = await rig.ok('releases')
  expect(json.releases).toMatchObject([
    { id: 'r3', state: 'built' },
    { id: 'r1', state: 'live' },
  ])
  await rig.expectSound('r1', 'first')
})

describe('a deploy and then a rollback, each killed and gone on with', () => {
  test.for(
    sampled([
      ['create-checkpoint/done', 'down', 'migrate-down/done'],
      ['rehearse/started', 'down', 'migrate-down/recorded'],
      ['rehearse/old-tried', 'restore', 'freeze-writes/done'],
      ['migrate-up/done', 'restore', 'build-beside/done'],
      ['migrate-up/recorded', 'restore', 'swap/ready'],
      ['checkpoint/dumped', 'restore', 'swap/renamed'],
      ['rehearse/restored', 'restore', 'swap-database/done'],
    ] as const),
  )('at %s; %s, at %s', async ([inDeploy, way, inRollback]) => {
    await commitNext()
    const before = await written(`before ${inDeploy}`)
    await rig.killedAt(inDeploy, 'deploy', '--no-wait')
    expect(await rig.answer()).toMatchObject({ release: 'r1' })
    const deployed = await resume()
    expect(deployed, deployed.stdout).toMatchObject({ outcome: 'succeeded' })
    await rig.expectSound(deployed.plan.to, 'renamed')

    const since = await written(`before ${inRollback}`)
    const bad = await badOnes()
    await rig.killedAt(inRollback, 'rollback', 'r1', '--data', way)
    const meanwhile = `after ${inRollback}`
    const wasWritten = await rig.write(meanwhile)
    if (/^(freeze-writes|build-beside)/.test(inRollback)) expect(wasWritten).toBe(false)
    const back = await resume()
    expect(back, back.stdout).toMatchObject({ outcome: 'succeeded', plan: { data: way } })
    await rig.expectSound('r1', 'first')

    const kept = (await badOnes()).filter((name) => !bad.includes(name))
    expect(kept).toHaveLength(way === 'restore' ? 1 : 0)
    expect(await rig.placesOf(before)).toContain('tiny')
    expect(await rig.placesOf(since)).toEqual(way === 'restore' ? kept : ['tiny'])
    if (wasWritten) expect(await rig.placesOf(meanwhile)).not.toEqual([])
  })
})

describe('a deploy that is killed and put back', () => {
  test.for(
    sampled([
      'create-checkpoint/done',
      'rehearse/booted',
      'rehearse/new-tried',
      'migrate-up/done',
      'migrate-up/recorded',
    ]),
  )('at %s', async (point) => {
    await commitNext()
    const before = await written(`before ${point}, put back`)
    await rig.killedAt(point, 'deploy')
    const back = await resume('--put-back')
    expect(back, back.stdout).toMatchObject({ outcome: 'put-back' })
    await rig.expectSound('r1', 'first')
    expect(await rig.placesOf(before)).toContain('tiny')
  })
})

describe('a deploy whose candidate is sick', () => {
  test('takes its migrations down again, because what serves does not run on them', async () => {
    await rig.makeSick(await commitNext())
    const failed = await rig.lastgood(['deploy', '--yes', '--json'])
    expect(failed.json, failed.stdout).toMatchObject({ code: 'CANDIDATE_SICK', outcome: 'put-back' })
    await rig.expectSound('r1', 'first')
  })

  test.for(sampled(['undo/migrate-up/started', 'undo/migrate-up/done', 'undo/migrate-up/recorded']))(
    'and is killed at %s',
    async (point) => {
      await rig.makeSick(await commitNext())
      const before = await written(`before ${point}`)
      await rig.killedAt(point, 'deploy')
      expect(await resume()).toMatchObject({ outcome: 'put-back' })
      await rig.expectSound('r1', 'first')
      expect(await rig.placesOf(before)).toContain('tiny')
    },
  )
})

describe('a rollback that does not get there', () => {
  let live = ''
  test('from a release that was deployed', async () => {
    await rig.makeSick(null)
    await commitNext()
    await rig.ok('deploy', '--yes')
    live = await rig.live()
    await rig.expectSound(live, 'renamed')
  })

  test.for(
    sampled([
      ['down', 'migrate-down/begun'],
      ['down', 'migrate-down/done'],
      ['down', 'migrate-down/recorded'],
      ['restore', 'freeze-writes/set'],
      ['restore', 'build-beside/restored'],
      ['restore', 'build-beside/done'],
      ['restore', 'swap/sequences-moved'],
      ['restore', 'swap-database/done'],
    ] as const),
  )('put back: %s, killed at %s', async ([way, point]) => {
    const before = await written(`before ${way} ${point}, put back`)
    await rig.killedAt(point, 'rollback', 'r1', '--data', way)
    const meanwhile = `after ${point}, put back`
    const wasWritten = await rig.write(meanwhile)
    const back = await resume('--put-back')
    expect(back, back.stdout).toMatchObject({ outcome: 'put-back' })
    await rig.expectSound(live, 'renamed')
    expect(await rig.placesOf(before)).toContain('tiny')
    if (wasWritten) expect(await rig.placesOf(meanwhile)).not.toEqual([])
  })

  test.for(
    sampled([
      ['down', 'undo/migrate-down/started'],
      ['down', 'undo/migrate-down/done'],
      ['down', 'undo/migrate-down/recorded'],
      ['restore', 'undo/swap-database/started'],
      ['restore', 'undo-swap/ready'],
      ['restore', 'undo-swap/renamed'],
      ['restore', 'undo/swap-database/done'],
      ['restore', 'undo/build-beside/done'],
      ['restore', 'undo/freeze-writes/done'],
    ] as const),
  )('the target is sick: %s, killed at %s', async ([way, point]) => {
    await rig.makeSick('1.0.0')
    const before = await written(`before ${way} ${point}`)
    await rig.killedAt(point, 'rollback', 'r1', '--data', way)
    const meanwhile = `after ${point}`
    const wasWritten = await rig.write(meanwhile)
    const back = await resume()
    expect(back, back.stdout).toMatchObject({ outcome: 'put-back' })
    await rig.expectSound(live, 'renamed')
    expect(await rig.placesOf(before)).toContain('tiny')
    if (wasWritten) expect(await rig.placesOf(meanwhile)).not.toEqual([])
  })

  test('and what was written into the restored database before it was taken back can be had', async () => {
    await rig.killedAt('swap-database/recorded', 'rollback', 'r1', '--data', 'restore')
    const meanwhile = await written('between the swap and the way back')
    expect(await resume('--put-back')).toMatchObject({ outcome: 'put-back' })
    expect(await rig.placesOf(meanwhile)).toEqual([expect.stringMatching(/^tiny_next_/)])
    await rig.ok('salvage', '--reinsert', 'items', '--yes')
    expect(await rig.placesOf(meanwhile)).toContain('tiny')
  })

  test('and in the end it does', async () => {
    await rig.makeSick(null)
    await rig.ok('rollback', 'r1', '--yes')
    await rig.expectSound('r1', 'first')
  })
})

/** Each event that was killed away would show here as one that does not follow from those before it. */
test('through all of that the journal alone tells what is applied, and which database serves', async () => {
  const { stdout } = await rig.lastgood(['journal', 'export'])
  const lines = stdout.split('\n').filter((line) => line !== '')
  const events: JournalEvent[] = lines.map((line) => JSON.parse(line))
  const plain = (titles: string[]) => titles.map((title) => title.replace('.sql', ''))
  let applied: string[] = []
  const replaced = new Map<string, string[]>()
  for (const { type, data, seq } of events) {
    if (type === 'MigrationsApplied') {
      for (const name of plain(data.names)) expect(applied, `before ${seq}`).not.toContain(name)
      applied = [...applied, ...plain(data.names)]
    }
    if (type === 'MigrationsTakenDown') {
      for (const name of plain(data.names)) expect(applied, `before ${seq}`).toContain(name)
      applied = applied.filter((name) => !plain(data.names).includes(name))
    }
    if (type === 'DatabaseSwapped') {
      replaced.set(data.restore, applied)
      applied = APPLIED.first
    }
    if (type === 'DatabaseSwappedBack') {
      applied = replaced.get(data.restore) ?? []
      expect(applied, `after ${seq}`).toEqual(APPLIED.renamed)
    }
  }
  expect(applied).toEqual(APPLIED.first)
  expect(events.filter(({ type }) => type === 'MigrationsTakenDown').length).toBeGreaterThan(3)
  expect(replaced.size).toBeGreaterThan(3)
})

describe('migrations that do not matter to what serves', () => {
  test('stay applied when the deploy that brought them fails', async () => {
    const version = await commitNext('added')
    await rig.makeSick(version)
    expect((await rig.lastgood(['deploy', '--yes', '--json'])).json).toMatchObject({ outcome: 'put-back' })
    await rig.expectSound('r1', 'added')
  })

  test('and the code goes back while the database cannot be reached', async () => {
    await rig.makeSick(null)
    await rig.ok('deploy', '--yes')
    await rig.stopServer()
    const { json } = await rig.ok('rollback', 'r1', '--yes')
    expect(json).toMatchObject({ outcome: 'succeeded', plan: { data: 'keep' } })
    await rig.expectOnly('r1')
  })
})
