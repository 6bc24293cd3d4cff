import { isOperatorError, OperatorError } from '../errors/operator-error.ts'
import type { ImageReference } from '../ports/release-store.ts'
import type { Engine } from './engine.ts'
import { inspectImage, releaseTag, tagImage } from './images.ts'

/** @throws OperatorError PULL_FAILED */
export type Pull = (name: string) => Promise<void>

/** It is on this host, or is fetched. @throws OperatorError IMAGE_GONE, PULL_FAILED */
export async function requireImage(engine: Engine, { id, pull }: ImageReference, fetch: Pull): Promise<void> {
  if ((await inspectImage(engine, id)) !== null) return
  if (pull !== null) await fetch(pull)
  if ((await inspectImage(engine, id)) === null) throw new OperatorError('IMAGE_GONE', { image: pull ?? id })
}

/** Why a release cannot be started for want of its image; empty: it can, and the next prune leaves it alone. */
export async function missingImage(
  engine: Engine,
  image: ImageReference,
  { service, release, pull }: { service: string; release: string; pull: Pull },
): Promise<string[]> {
  try {
    await requireImage(engine, image, pull)
  } catch (error) {
    if (!isOperatorError(error) || (error.code !== 'IMAGE_GONE' && error.code !== 'PULL_FAILED')) throw error
    return [error.message.replace(/\.$/, '')]
  }
  // Somebody may have taken the tag away.
  await tagImage(engine, image.id, releaseTag(service, release))
  return []
}
