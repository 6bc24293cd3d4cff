/** Variables of the process that runs lastgood. */
export type CallerEnvironment = Readonly<Record<string, string | undefined>>

/** Those of the names that are set. */
export function pickVariables(
  caller: CallerEnvironment,
  wanted: (name: string) => boolean,
): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const [name, value] of Object.entries(caller)) {
    if (value !== undefined && wanted(name)) picked[name] = value
  }
  return picked
}
