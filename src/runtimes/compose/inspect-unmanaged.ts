import { inspectImage } from '../../docker/images.ts'
import type { ComposeLaunch } from '../../ports/release-store.ts'
import type { Unmanaged } from '../../ports/runtime.ts'
import type { ComposeContext } from './compose-context.ts'
import { plainContainers, unitOf } from './observe.ts'

/** Variables of the image itself: they come with it again. */
const withoutImage = (env: readonly string[], ofImage: readonly string[]) =>
  env.filter((pair) => !ofImage.includes(pair))

/**
 * The service as somebody started it by hand. Image and environment are those of what runs; the rest of it is as the
 * Compose file says today, which is where it was started from.
 */
export async function inspectUnmanaged(
  context: ComposeContext,
  describe: (image: ComposeLaunch['image']) => Promise<ComposeLaunch>,
): Promise<Unmanaged | null> {
  const running = (await plainContainers(context)).filter(({ status }) => status === 'running')
  const [first] = running
  if (first === undefined) return null
  const image = await inspectImage(context.engine, first.image)
  const pull = image?.digests[0] ?? null
  const reference = { id: first.image, pull, platform: image?.platform ?? '' }
  const settings = await describe(reference)
  const pairs = withoutImage(first.env, image?.env ?? []).map((pair) =>
    /^([^=]*)=(.*)$/s.exec(pair)?.slice(1, 3),
  )
  return {
    unit: unitOf(first),
    summary: `${first.image.slice(7, 19)} (${running.length} containers of service ${context.composeService}, port ${settings.port})`,
    directory: null,
    env: Object.fromEntries(pairs.filter((pair) => pair !== undefined)),
    settings: { ...settings, instances: running.length },
    instances: running.length,
  }
}
