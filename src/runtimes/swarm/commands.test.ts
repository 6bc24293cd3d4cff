import { expect, test } from 'vitest'
import { launchFor } from '../../../test/support/temporary-project.ts'
import type { JsonValue, LaunchRecord, SwarmLaunch } from '../../ports/release-store.ts'
import {
  environmentOf,
  pausesOf,
  probeSpec,
  recordedSpec,
  releaseOfSpec,
  remindingSpec,
  replicasOf,
  rollsBack,
  serviceSpec,
  turnsOf,
} from './commands.ts'

/** As the engine has it after `docker stack deploy`. */
const SPEC: Record<string, JsonValue> = {
  Name: 'shop_app',
  Labels: { 'com.docker.stack.namespace': 'shop' },
  TaskTemplate: {
    ContainerSpec: {
      Image: 'shop/app:1@sha256:old',
      Env: ['PORT=3000', 'URL=a=b', 'EMPTY'],
      Labels: { mine: 'yes', 'lastgood.release': 'r1' },
      Secrets: [{ SecretName: 'key' }],
    },
    Resources: { Limits: { MemoryBytes: 1_000 } },
    Networks: [{ Target: 'net1', Aliases: ['app'] }],
    ForceUpdate: 3,
  },
  Mode: { Replicated: { Replicas: 3 } },
  UpdateConfig: { Parallelism: 2, FailureAction: 'rollback', Order: 'stop-first' },
  EndpointSpec: { Mode: 'vip', Ports: [{ TargetPort: 3000, PublishedPort: 80 }] },
}
const launch: LaunchRecord<SwarmLaunch> = {
  ...launchFor('/lg/r2/app'),
  env: { PORT: '3000' },
  runtime: {
    kind: 'swarm',
    service: 'shop_app',
    image: { id: 'sha256:abc', pull: 'registry/app@sha256:def', platform: 'linux/amd64' },
    spec: recordedSpec(SPEC),
    instances: 2,
    port: 3000,
    agent: false,
  },
}
const owner = { service: 'store', home: '/lg', name: 'shop_app' }

test('what is kept of a spec is all but what makes it one release', () => {
  const kept = recordedSpec(SPEC)
  expect(JSON.stringify(kept)).not.toMatch(/sha256:old|PORT=|lastgood|ForceUpdate/)
  expect(kept).toMatchObject({
    Labels: SPEC.Labels,
    TaskTemplate: { ContainerSpec: { Labels: { mine: 'yes' }, Secrets: [{ SecretName: 'key' }] } },
    UpdateConfig: { Parallelism: 2 },
    EndpointSpec: SPEC.EndpointSpec,
  })
  expect(environmentOf(SPEC)).toEqual({ PORT: '3000', URL: 'a=b', EMPTY: '' })
  expect([releaseOfSpec(SPEC), releaseOfSpec(kept), replicasOf(SPEC)]).toEqual(['r1', null, 3])
})

test('the spec of a release: the recorded one, its image by the digest, the new task before the old one goes', () => {
  expect(serviceSpec('r2', launch, owner)).toMatchObject({
    Name: 'shop_app',
    Mode: { Replicated: { Replicas: 2 } },
    TaskTemplate: {
      ContainerSpec: {
        Image: 'registry/app@sha256:def',
        Env: ['PORT=3000', 'LASTGOOD_RELEASE=r2'],
        Labels: {
          mine: 'yes',
          'lastgood.release': 'r2',
          'lastgood.service': 'store',
          'lastgood.home': '/lg',
        },
      },
      Resources: { Limits: { MemoryBytes: 1_000 } },
    },
    // The user's own policy, also where it is to roll back: that is then a finding.
    UpdateConfig: { Parallelism: 2, FailureAction: 'rollback', Order: 'start-first' },
  })
})

test('a probe is found by nobody: another name, no alias, no published port but its own', () => {
  const probe = probeSpec('r2', launch, owner)
  expect(probe).toMatchObject({
    Name: 'shop_app-r2-probe',
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: { Mode: 'dnsrr', Ports: [{ TargetPort: 3000, PublishMode: 'host' }] },
    TaskTemplate: {
      ContainerSpec: { Healthcheck: { Test: ['NONE'] }, Secrets: [{ SecretName: 'key' }] },
      Networks: [{ Target: 'net1' }],
      RestartPolicy: { Condition: 'none' },
    },
  })
  expect(JSON.stringify(probe)).not.toMatch(/Aliases|"PublishedPort":80/)
})

test('what its update policy means for a switch', () => {
  const policy = (UpdateConfig: Record<string, JsonValue>) => ({ ...SPEC, UpdateConfig })
  expect(turnsOf(SPEC, 3)).toBe(2)
  expect(turnsOf(policy({ Parallelism: 0 }), 3)).toBe(1)
  expect(turnsOf({}, 3), 'left to the engine: one by one').toBe(3)
  expect(pausesOf(policy({ Delay: 2e9, Monitor: 1e9 }), 3)).toBe(7_000)
  expect([rollsBack(SPEC), rollsBack(policy({ FailureAction: 'pause' })), rollsBack({})]).toEqual([
    true,
    false,
    false,
  ])
})

test('a swarm is reminded by a label that is not a part of any release', () => {
  const reminded = remindingSpec(remindingSpec(SPEC))
  expect(reminded.Labels).toMatchObject({ 'lastgood.reminded': '2' })
  expect(reminded.TaskTemplate).toBe(SPEC.TaskTemplate)
  expect(recordedSpec(reminded)).toEqual(recordedSpec(SPEC))
})
