import { expect, test } from 'vitest'
import { findMarked, findTree, findWithin } from './belonging.mjs'
import type { Process } from './process-table.mjs'

const DIR = '/tmp/lg-abc'

const running = (pid: number, parent: number, rest: Partial<Process> = {}): Process => ({
  pid,
  parent,
  started: '1',
  state: 'S',
  command: 'node',
  environment: [],
  folder: '/',
  ...rest,
})

const marked = running(10, 1, { environment: [`LASTGOOD_LAB=${DIR}`] })
const pm2 = running(11, 1, { environment: [`PM2_HOME=${DIR}/pm2`] })
const cleanGrandchild = running(13, 12)
const cleanChild = running(12, 10)
const onlooker = running(14, 1, { command: `tail -f ${DIR}/log` })
const shell = running(15, 1, { folder: DIR })
const otherLab = running(16, 1, { environment: [`LASTGOOD_LAB=${DIR}d`], folder: `${DIR}d` })
const all = [cleanGrandchild, cleanChild, marked, pm2, onlooker, shell, otherLab]

test('the mark is inherited, even by a child that threw its environment away; an onlooker has none', () => {
  expect(findMarked(all, DIR)).toEqual([marked, cleanChild, cleanGrandchild, pm2])
})

test('an onlooker is within the lab, another lab with a longer name is not', () => {
  const found = findWithin(all, DIR)
  expect(found).toContain(onlooker)
  expect(found).toContain(shell)
  expect(found).not.toContain(otherLab)
})

test('a tree has parents before children', () => {
  expect(findTree(all, 10)).toEqual([marked, cleanChild, cleanGrandchild])
})
