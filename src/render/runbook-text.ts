import type { Configuration } from '../domain/configuration.ts'
import { describeRelease, isGoodTarget } from '../domain/release.ts'
import type { ServiceState } from '../domain/service-state.ts'
import { shellWord } from '../domain/shell-word.ts'

/** How one release is handled by hand. */
export interface ByHand {
  release: string
  directory: string
  start: string[]
  stop: string[]
  status: string[]
}

/** This service's own runbook, for the day the tool itself is gone: real names, paths and commands, newest way back first. */
export function runbookMarkdown(
  configuration: Configuration,
  state: ServiceState,
  byHand: readonly ByHand[],
  { setup, list, persist }: { setup: readonly string[]; list: string; persist: string | null },
): string {
  const { service, url, health, smoke } = configuration
  const live = byHand.find(({ release }) => release === state.live)
  const targets = state.releases.filter((r) => isGoodTarget(r) && r.id !== state.live).reverse()
  const [target] = targets
  const wayBack = byHand.find(({ release }) => release === target?.id)
  const paths = [health.live, health.database, health.ready].filter((path) => path !== null)
  const gets = smoke.filter(({ method }) => method === 'GET').map(({ path }) => path)
  const curl = (path: string) => `curl -fsS ${shellWord(new URL(path, url).href)}`
  const names = state.releases.filter(({ id }) => byHand.some(({ release }) => release === id))
  return [
    `# Runbook: ${service}`,
    '',
    'What to type when lastgood itself cannot be run. Written after every run from what lastgood knows; the commands are',
    'for this host and this user.',
    '',
    '## Now',
    '',
    `- Serves: ${nameOf(state, state.live)}`,
    `- Way back: ${target === undefined ? 'none: no other release is proven' : describeRelease(target)}`,
    '',
    ...section('Look', [...setup, ...(live?.status ?? [list])]),
    ...(wayBack === undefined || live === undefined
      ? ['## Go back', '', 'There is no proven release to go back to. Fix forward, or mark one proven.', '']
      : [
          ...section(`Go back to ${wayBack.release}`, [
            ...setup,
            '# 1. The environment it ran with',
            environmentCommand(wayBack),
            '# 2. Beside what serves (both take traffic for a moment), then stop what serves',
            ...wayBack.start,
            ...live.stop,
            ...(persist === null ? [] : ['# 3. What starts after a reboot', persist]),
          ]),
        ]),
    ...section('Health', paths.map(curl)),
    ...section('Smoke tests', gets.map(curl)),
    '## Releases on this host',
    '',
    '| release | folder | proven | bad |',
    '|---|---|---|---|',
    ...names.map((r) => {
      const at = byHand.find(({ release }) => release === r.id)
      return `| ${describeRelease(r)} | \`${at?.directory}\` | ${r.proven?.reason ?? '-'} | ${r.bad?.reason ?? '-'} |`
    }),
    '',
    '## The database',
    '',
    'The steps above do not touch it. Before anything that does: `pg_dump` a safety copy.',
    '',
  ].join('\n')
}

function section(title: string, commands: readonly string[]): string[] {
  return [
    `## ${title}`,
    '',
    '```bash',
    ...(commands.length === 0 ? ['# nothing is configured'] : commands),
    '```',
    '',
  ]
}

/** Exports the recorded variables without printing one of them. */
function environmentCommand({ directory }: ByHand): string {
  const file = directory.replace(/(\/releases\/r\d+)\/.*$/, '$1/launch.json')
  const script = [
    'const{env}=JSON.parse(require("fs").readFileSync(process.argv[1])),q=String.fromCharCode(39);',
    'for(const[k,v]of Object.entries(env))console.log("export "+k+"="+q+v.replaceAll(q,q+"\\\\"+q+q)+q)',
  ].join('')
  return `eval "$(node -e '${script}' ${shellWord(file)})"`
}

function nameOf(state: ServiceState, id: string | null): string {
  const release = state.releases.find((known) => known.id === id)
  return release === undefined ? 'nothing that lastgood put out' : describeRelease(release)
}
