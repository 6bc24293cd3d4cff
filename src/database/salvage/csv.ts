/** As COPY ... CSV writes it: nothing at all is NULL, `""` is the empty text. */
export function csvLine(values: readonly (string | null)[]): string {
  const single = values.length === 1
  return `${values.map((value) => csvField(value, single)).join(',')}\n`
}

function csvField(value: string | null, single: boolean): string {
  if (value === null) return ''
  // A line of only \. would end the data.
  const quoted = value === '' || /[",\r\n]/.test(value) || (single && value === '\\.')
  return quoted ? `"${value.replaceAll('"', '""')}"` : value
}
