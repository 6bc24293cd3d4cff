/** What every process of a lab finds in its environment: the folder of the lab. Children inherit it. */
export const MARK = 'LASTGOOD_LAB'

/** The processes that carry the mark of the lab, or use a PM2 in it, and everything that they started. */
export function findMarked(processes, dir) {
  return withDescendants(processes, (process) => isMarked(process, dir))
}

/**
 * Also those that only work in the lab's folder, or name it on their command line. They may be a stranger's (someone who
 * looks at a log), so they are reported and not ended.
 */
export function findWithin(processes, dir) {
  const names = (text) => text === dir || text.includes(`${dir}/`)
  return withDescendants(
    processes,
    (process) => isMarked(process, dir) || names(process.folder) || names(process.command),
  )
}

/** The process itself and all it started, children after their parents. */
export function findTree(processes, pid) {
  return withDescendants(processes, (process) => process.pid === pid)
}

function isMarked({ environment }, dir) {
  return environment.some((entry) => entry === `${MARK}=${dir}` || entry.startsWith(`PM2_HOME=${dir}/`))
}

function withDescendants(processes, isRoot) {
  const found = new Map()
  const add = (process) => {
    if (found.has(process.pid)) return
    found.set(process.pid, process)
    for (const child of processes) if (child.parent === process.pid) add(child)
  }
  for (const process of processes) if (isRoot(process)) add(process)
  return [...found.values()]
}
