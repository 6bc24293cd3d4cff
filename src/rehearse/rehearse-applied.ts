import { compareCatalogs } from '../domain/compare-content.ts'
import { countLost, withoutBookkeeping } from '../domain/judge-down.ts'
import { isOperatorError, messageOf } from '../errors/operator-error.ts'
import type { TrialCopy } from '../ports/trial-databases.ts'
import type { MigratingRoute } from './choose-route.ts'
import { goDown, judge, VERDICTS } from './go-down.ts'
import type { Findings, RehearsalPorts, RehearseRequest } from './rehearsal-ports.ts'
import { goUp } from './rehearse-pending.ts'
import { tryRelease } from './try-release.ts'

/**
 * The copy has the release's migrations already, with the rows of the time since: so down first, which counts what that
 * would cost today, and up again, which shows whether the way down had left the schema that the way up expects.
 */
export async function rehearseApplied(
  ports: RehearsalPorts,
  request: RehearseRequest,
  copy: TrialCopy,
  route: MigratingRoute,
): Promise<Findings> {
  const { back, release, onPhase } = request
  const look = async () => {
    const { content, columns } = await copy.content('all')
    return { content: withoutBookkeeping(content, route.record), columns }
  }
  const { catalog } = (await look()).content
  if (back !== null) onPhase?.(`trying ${back} on the schema as it is`)
  const oldCodeOnNewSchema = back === null ? null : await tryRelease(ports, request, copy, back)
  ports.crash('rehearse/old-tried')
  onPhase?.(`trying ${release}`)
  const newRelease = await tryRelease(ports, request, copy, release)
  ports.crash('rehearse/new-tried')
  const written = await look()

  onPhase?.('taking its migrations down')
  const down = await goDown(ports, request, copy, route)
  ports.crash('rehearse/down')
  if ('failed' in down) return { up: [], oldCodeOnNewSchema, newRelease, down: down.failed }
  const lost = countLost(written, await look())

  onPhase?.('applying its migrations again')
  const { up, problem } = await goUpAgain(ports, request, copy, route)
  ports.crash('rehearse/up')
  const { content } = await look()
  const differences =
    problem === null ? compareCatalogs(catalog, content.catalog, { columnOrder: false }) : [problem]
  const again = differences.map((difference) => `down and up again: ${difference}`)
  return { up, oldCodeOnNewSchema, newRelease, down: judge(down.ms, lost, again) }
}

/** It went up once, so what keeps it from going up again is what the way down has left. */
async function goUpAgain(
  ...all: Parameters<typeof goUp>
): Promise<{ up: Findings['up']; problem: string | null }> {
  try {
    return { up: await goUp(...all), problem: null }
  } catch (error) {
    const [, { signal }] = all
    if (signal.aborted || !isOperatorError(error) || !VERDICTS.includes(error.code)) throw error
    return { up: [], problem: messageOf(error) }
  }
}
