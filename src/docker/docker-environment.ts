/** What a program of Docker needs of its caller: where the credentials are, and how to get out. */
const PASSED_ON =
  /^(PATH|HOME|DOCKER_CONFIG|DOCKER_BUILDKIT|XDG_RUNTIME_DIR|SSH_AUTH_SOCK|(https?|no|all)_proxy)$/i

/** Whole; and it speaks to the same engine as we do. */
export function dockerEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  engine: string,
): Record<string, string> {
  const passed = Object.entries(env).filter(([name, value]) => value !== undefined && PASSED_ON.test(name))
  return { ...(Object.fromEntries(passed) as Record<string, string>), DOCKER_HOST: engine }
}
