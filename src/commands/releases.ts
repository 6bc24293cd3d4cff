import { releaseState } from '../domain/release.ts'
import { unfinishedRun } from '../domain/service-state.ts'
import { formatAge, formatTable } from '../render/format.ts'
import type { CommandInput, CommandResult } from './session.ts'

/** Every release, newest first, with what is known of it. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: false })
  const state = await session.state()
  const now = session.clock.now()
  const unfinished = unfinishedRun(state)
  const candidate = unfinished?.status === 'running' ? unfinished.plan.to : null
  const releases = state.releases
    .map((release) => ({ ...release, state: releaseState(release, state.live, candidate) }))
    .reverse()
  if (releases.length === 0) {
    input.screen.line('No release yet. lastgood deploy puts one out; lastgood adopt takes over what runs.')
  } else {
    const rows = releases.map((release) => [
      release.id,
      release.state,
      release.proven === null ? '-' : 'proven',
      release.version ?? '-',
      release.commit?.slice(0, 7) ?? '-',
      formatAge(release.builtAt, now),
      release.bad === null ? release.subject : `bad: ${release.bad.reason}`,
    ])
    const head = ['id', 'state', 'proof', 'version', 'commit', 'built', 'what']
    input.screen.lines(formatTable([head, ...rows], input.screen.width))
  }
  input.screen.line('')
  return { exit: 0, document: { service: session.service, live: state.live, releases } }
}
