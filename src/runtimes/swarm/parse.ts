import * as z from 'zod'
import type { ReleaseId } from '../../domain/release.ts'
import type { JsonValue } from '../../ports/release-store.ts'
import { LABEL } from './commands.ts'

export interface Service {
  id: string
  name: string
  /** Of its spec: an update says which one it means to replace. */
  version: number
  spec: Record<string, JsonValue>
  /** `updating`, `completed`, `paused`, `rollback_started`, `rollback_completed`, ...; null: never updated. */
  update: { state: string; message: string } | null
}

export interface Task {
  id: string
  service: string
  node: string
  /** `new`, `pending`, `assigned`, `preparing`, `starting`, `running`, `complete`, `failed`, `rejected`, ... */
  state: string
  wanted: string
  release: ReleaseId | null
  /** What the swarm says of its state. */
  message: string
  startedAt: number | null
  container: string | null
  /** On every network it is in. */
  addresses: string[]
  /** On the node itself. */
  ports: { target: number; published: number }[]
}

const json = z.json() as z.ZodType<JsonValue>
const serviceSchema = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  Spec: z.record(z.string(), json),
  UpdateStatus: z.object({ State: z.string().optional(), Message: z.string().optional() }).nullish(),
})
const taskSchema = z.object({
  ID: z.string(),
  ServiceID: z.string(),
  NodeID: z.string().optional(),
  DesiredState: z.string(),
  NetworksAttachments: z.array(z.object({ Addresses: z.array(z.string()).nullish() })).nullish(),
  Spec: z.object({
    ContainerSpec: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
  }),
  Status: z.object({
    State: z.string(),
    Timestamp: z.string().optional(),
    Message: z.string().optional(),
    Err: z.string().optional(),
    ContainerStatus: z.object({ ContainerID: z.string().optional() }).nullish(),
    PortStatus: z
      .object({
        Ports: z.array(z.object({ TargetPort: z.number(), PublishedPort: z.number().optional() })).nullish(),
      })
      .nullish(),
  }),
})

export function parseService(body: unknown): Service {
  const { ID, Version, Spec, UpdateStatus } = serviceSchema.parse(body)
  const state = UpdateStatus?.State
  return {
    id: ID,
    name: String(Spec.Name ?? ''),
    version: Version.Index,
    spec: Spec,
    update: state ? { state, message: UpdateStatus?.Message ?? '' } : null,
  }
}

export function parseTasks(body: unknown): Task[] {
  return z
    .array(taskSchema)
    .parse(body)
    .map((task) => {
      const { Status, Spec, NetworksAttachments } = task
      const { Timestamp, ContainerStatus, PortStatus } = Status
      return {
        id: task.ID,
        service: task.ServiceID,
        node: task.NodeID ?? '',
        state: Status.State,
        wanted: task.DesiredState,
        release: Spec.ContainerSpec?.Labels?.[LABEL.release] ?? null,
        message: Status.Err || Status.Message || '',
        startedAt: Timestamp === undefined ? null : Date.parse(Timestamp),
        container: ContainerStatus?.ContainerID || null,
        // `10.0.1.7/24`
        addresses: (NetworksAttachments ?? []).flatMap(({ Addresses }) =>
          (Addresses ?? []).map((address) => address.replace(/\/\d+$/, '')),
        ),
        ports: (PortStatus?.Ports ?? []).flatMap(({ TargetPort, PublishedPort }) =>
          PublishedPort === undefined ? [] : [{ target: TargetPort, published: PublishedPort }],
        ),
      }
    })
}

/** It will never run: the node refused it, or it ended. */
export function hasEnded({ state }: Task): boolean {
  return ['complete', 'failed', 'rejected', 'shutdown', 'orphaned', 'remove'].includes(state)
}
