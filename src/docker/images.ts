import * as z from 'zod'
import { OperatorError } from '../errors/operator-error.ts'
import type { Engine } from './engine.ts'

export interface Image {
  /** `sha256:...` of its configuration. */
  id: string
  tags: string[]
  /** `registry/name@sha256:...`, of every registry it was pulled from or pushed to. */
  digests: string[]
  /** `linux/amd64` */
  platform: string
  env: string[]
  hasHealthcheck: boolean
}

const imageSchema = z.object({
  Id: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  RepoDigests: z.array(z.string()).nullish(),
  Os: z.string(),
  Architecture: z.string(),
  Config: z
    .object({
      Env: z.array(z.string()).nullish(),
      Healthcheck: z.object({ Test: z.array(z.string()).nullish() }).nullish(),
    })
    .nullish(),
})

/** Null: it is not on this host. @param name an id, a digest or a tag */
export async function inspectImage(engine: Engine, name: string): Promise<Image | null> {
  const { status, body } = await engine.call('GET', `/images/${name}/json`)
  if (status !== 200) return null
  const { Id, RepoTags, RepoDigests, Os, Architecture, Config } = imageSchema.parse(body)
  return {
    id: Id,
    tags: RepoTags ?? [],
    digests: RepoDigests ?? [],
    platform: `${Os}/${Architecture}`,
    env: Config?.Env ?? [],
    hasHealthcheck: !['NONE', undefined].includes(Config?.Healthcheck?.Test?.[0]),
  }
}

/** Never a tag: what is behind one tomorrow is another image. @throws OperatorError PREBUILT_INVALID */
export function requireDigest(name: string): void {
  if (/^[^\s@]+@sha256:[0-9a-f]{64}$/.test(name)) return
  const detail = 'an image is named by its digest, NAME@sha256:..., which docker push prints'
  throw new OperatorError('PREBUILT_INVALID', { name, detail, how: '--image NAME@sha256:DIGEST' })
}

export interface ImageTag {
  repo: string
  tag: string
}

/** Each release has a tag of its own: what has one is not swept away by `docker image prune`. */
export function releaseTag(service: string, release: string): ImageTag {
  return { repo: `lastgood/${service}`, tag: release }
}

export async function tagImage(engine: Engine, id: string, { repo, tag }: ImageTag) {
  await engine.ask('POST', `/images/${id}/tag`, { query: { repo, tag } })
}

/** A release's image by the name under which a registry gets it. */
export function pushedTag({ repo, tag }: ImageTag, registry: string): ImageTag {
  return { repo: registry, tag: `${repo.replace(/^.*\//, '')}-${tag}` }
}

/**
 * Takes away the names that the release gave its image, and with the last name of all the layers. Another release that has
 * the same image keeps it. Done twice is done once.
 */
export async function forgetImage(engine: Engine, own: ImageTag): Promise<void> {
  const image = await inspectImage(engine, nameOf(own))
  if (image === null) return
  const pushed = image.tags.filter((name) => name === nameOf(pushedTag(own, name.replace(/:[^:]*$/, ''))))
  for (const name of [...pushed, nameOf(own)]) await untagImage(engine, name)
  const left = await inspectImage(engine, image.id)
  // What it was pulled by keeps it as well, and is nobody's name for it any more.
  if (left?.tags.length === 0) for (const digest of left.digests) await untagImage(engine, digest)
}

async function untagImage(engine: Engine, name: string): Promise<void> {
  const { status } = await engine.call('DELETE', `/images/${name}`, { query: { noprune: '0' } })
  // 409: a container still runs from it, and what runs is not ours to stop here.
  if (status >= 300 && status !== 404 && status !== 409) await engine.ask('DELETE', `/images/${name}`)
}

const nameOf = ({ repo, tag }: ImageTag) => `${repo}:${tag}`

/** What the engine's own host is: `linux/amd64`. */
export async function enginePlatform(engine: Engine): Promise<string> {
  const { Os, Arch } = z
    .object({ Os: z.string(), Arch: z.string() })
    .parse(await engine.ask('GET', '/version'))
  return `${Os}/${Arch}`
}
