import { judgeDown, type TrialContent, touchedTables, withoutBookkeeping } from '../domain/judge-down.ts'
import type { RehearsedMigration } from '../domain/proof.ts'
import type { TrialCopy } from '../ports/trial-databases.ts'
import type { MigratingRoute } from './choose-route.ts'
import { goDown, judge } from './go-down.ts'
import type { Findings, RehearsalPorts, RehearseRequest } from './rehearsal-ports.ts'
import { tryRelease } from './try-release.ts'

/** The copy is as the release will find the database: up, both releases on the new schema, down. */
export async function rehearsePending(
  ports: RehearsalPorts,
  request: RehearseRequest,
  copy: TrialCopy,
  route: MigratingRoute,
): Promise<Findings> {
  const { back, release, onPhase } = request
  const { record } = route
  const own = (state: TrialContent) => ({ ...state, content: withoutBookkeeping(state.content, record) })
  const before = own(await copy.content('all'))

  onPhase?.('applying its migrations')
  const up = await goUp(ports, request, copy, route)
  ports.crash('rehearse/up')
  const { content } = await copy.content([])
  const touched = touchedTables(before.content, withoutBookkeeping(content, record))
  const upState = own({ content, columns: await copy.columns(touched) })

  if (back !== null) onPhase?.(`trying ${back} on the new schema`)
  const oldCodeOnNewSchema = back === null ? null : await tryRelease(ports, request, copy, back)
  ports.crash('rehearse/old-tried')
  onPhase?.(`trying ${release} on the new schema`)
  const newRelease = await tryRelease(ports, request, copy, release)
  ports.crash('rehearse/new-tried')
  const written = own(await copy.content(touched))

  onPhase?.('taking its migrations down')
  const down = await goDown(ports, request, copy, route)
  ports.crash('rehearse/down')
  if ('failed' in down) return { up, oldCodeOnNewSchema, newRelease, down: down.failed }
  const after = own(await copy.content(touched))
  const { lost, differences } = judgeDown({ before, up: upState, written, after })
  return { up, oldCodeOnNewSchema, newRelease, down: judge(down.ms, lost, differences) }
}

export async function goUp(
  ports: RehearsalPorts,
  { signal, logFile }: RehearseRequest,
  copy: TrialCopy,
  { release: { files, schema }, record }: MigratingRoute,
): Promise<RehearsedMigration[]> {
  const watch = await copy.watchLocks(record)
  try {
    const log = logFile === undefined ? {} : { logFile }
    const { done } = await ports.migrations.up({ files, schema, url: copy.url, signal, ...log })
    return await watch.end(done)
  } catch (error) {
    await watch.end([]).catch(() => {})
    throw error
  }
}
