/** Facts a step or a finding leaves behind: small, printable, free of secrets. */
export type Evidence = Record<string, string | number | boolean | null>
