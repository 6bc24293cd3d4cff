/** A Markdown table with aligned columns, readable as it is on a terminal. The first row is the head. */
export function markdownTable(rows: string[][]): string[] {
  const [head = [], ...body] = rows
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const show = (row: string[]) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`
  return [show(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(show)]
}
