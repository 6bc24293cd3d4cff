import type { ComposeHost } from '../../lab/docker/host-on-compose.ts'
import { waitUntil } from '../../lab/wait-until.ts'

/** From `docker run` of the release until it says that it is ready; nobody routes to it. */
export async function bootContainer({ engine, env }: ComposeHost, image: string): Promise<number> {
  const { docker } = engine
  const startedAt = performance.now()
  const id = await docker(
    ...['run', '--detach', '--network', 'shop_default', '--env', `DATABASE_URL=${env.STORE_DATABASE_URL}`],
    ...['--volume', `${env.POSTGRES_SOCKETS}:/var/run/postgresql`, image],
  )
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
  const host = await docker('inspect', '--format', format, id)
  const isReady = () =>
    fetch(`http://${host}:3000/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  await waitUntil(isReady, { what: 'a container of the good release', everyMs: 10 })
  const ms = Math.round(performance.now() - startedAt)
  await docker('rm', '--force', id)
  return ms
}
