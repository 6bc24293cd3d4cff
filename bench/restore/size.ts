const UNITS: Record<string, number> = { MB: 1e6, GB: 1e9 }

/** `100MB,1GB` -> bytes, decimal. */
export function parseSizes(text: string): number[] {
  return text.split(',').map((size) => {
    const [, number, unit] = /^(\d+(?:\.\d+)?)(MB|GB)$/.exec(size.trim()) ?? []
    const factor = UNITS[unit ?? '']
    if (number === undefined || factor === undefined)
      throw new Error(`--sizes takes sizes like 100MB,1GB, not "${size}"`)
    return Number(number) * factor
  })
}

export function formatSize(bytes: number): string {
  return bytes >= 1e9 ? `${Number((bytes / 1e9).toFixed(1))} GB` : `${Math.round(bytes / 1e6)} MB`
}
