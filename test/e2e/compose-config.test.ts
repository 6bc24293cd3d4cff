import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findDocker } from '../../lab/docker/find-docker.ts'
import { linkPlugins } from '../../lab/docker/link-plugins.ts'
import { ExecaRunner } from '../../src/command-runner/execa-runner.ts'
import type { ComposeConfiguration } from '../../src/domain/configuration.ts'
import { ComposeProgram } from '../../src/runtimes/compose/compose-program.ts'
import { describeService } from '../../src/runtimes/compose/describe-service.ts'

const programs = await findDocker()
if ('missing' in programs) test.skip(`Compose, as it resolves a file: ${programs.missing}`)

/** What Compose 1.29 and 2 print differently, all at once. */
const FILE = `version: "3.8"
x-common: &common { restart: always }
services:
  app:
    <<: *common
    build: { context: ., args: { A: "1$$2" } }
    profiles: [web]
    environment: { PORT: "3000", PRICE: "5$$", COUNT: 5, SET: "\${SET}", UNSET: }
    env_file: [./app.env]
    ports: ["127.0.0.1:8080:3000", "4000-4001"]
    expose: ["5000"]
    depends_on: [db]
    deploy: { replicas: 3, resources: { limits: { cpus: "0.5" } } }
    healthcheck: { test: "curl $$HOST", start_period: 1m30s }
    volumes: ["data:/data", "./src:/src:ro"]
    labels: ["traefik.enable=true"]
    secrets: [key]
    x-more: { a: 1 }
  db: { image: postgres }
  job: { image: busybox, profiles: [night] }
volumes: { data: {} }
secrets: { key: { file: ./key.txt } }
`

/** Its answers, in the words of the one that this machine has. */
describe.skipIf('missing' in programs)('Compose, as this machine has it', () => {
  let folder: string
  let program: ComposeProgram
  let path: string
  beforeAll(async () => {
    if ('missing' in programs) return
    folder = await mkdtemp(join(tmpdir(), 'lg-compose-'))
    path = programs.compose.replace(/\/[^/]*$/, '')
    await linkPlugins(folder, programs)
    program = compose(folder)
  })
  afterAll(() => rm(folder, { recursive: true }))

  const compose = (home: string) => {
    const env = { PATH: `${path}:${process.env.PATH}`, HOME: home }
    return new ComposeProgram({ program: null, engine: 'unix:///nowhere.sock', env }, new ExecaRunner())
  }
  const describeApp = async (text: string, env: Record<string, string> = {}) => {
    await writeFile(join(folder, 'compose.yaml'), text)
    await writeFile(join(folder, 'app.env'), 'FROM_FILE=yes\n')
    for (const file of ['key.txt', 'src']) await writeFile(join(folder, file), '')
    const settings = { service: 'app', files: null } as ComposeConfiguration
    return describeService(program, { settings, project: 'shop', folder, projectFolder: folder, env })
  }

  test('is found: the plugin where there is one, else docker-compose', async () => {
    const plugin = await exists(join(folder, '.docker/cli-plugins/docker-compose'))
    const words = (await program.locate()) ?? []
    expect(words.length).toBe(plugin ? 2 : 1)
    expect(words.at(-1)).toMatch(plugin ? /^compose$/ : /\/docker-compose$/)
    const { stdout } = await program.runOrFail(['version', '--short'], { timeoutMs: 20_000 })
    expect(stdout).toMatch(plugin ? /^v?[2-9]/ : /^1\./)
  })

  test('resolves a service to the same, whichever it is', async () => {
    const service = await describeApp(FILE, { SET: 'it is' })
    expect(service).toMatchObject({
      environment: { PORT: '3000', PRICE: '5$', COUNT: '5', SET: 'it is', FROM_FILE: 'yes' },
      build: { context: folder, args: { A: '1$2' } },
      instances: 3,
      port: 3000,
      publishes: true,
      hasHealthcheck: true,
      networks: { default: 'shop_default' },
      volumes: { data: 'shop_data' },
      files: { secrets: { key: { file: join(folder, 'key.txt') } } },
      definition: { restart: 'always', labels: { 'traefik.enable': 'true' }, networks: { default: null } },
    })
    expect(service.definition.deploy).toEqual({ resources: { limits: { cpus: 0.5 } } })
    expect(JSON.stringify(service.definition.healthcheck)).toContain('curl $HOST')
    for (const key of ['build', 'depends_on', 'profiles', 'environment', 'env_file', 'image'])
      expect(service.definition).not.toHaveProperty(key)
  })

  test('says what is wrong with a file before anything that it only warns of', async () => {
    const refused = await describeApp('version: "3.8"\nservices:\n  app: [\n').catch((error) => error)
    expect(refused).toMatchObject({ code: 'COMPOSE_INVALID' })
    expect(refused.message).not.toMatch(/warning|obsolete/)
  })
})

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
