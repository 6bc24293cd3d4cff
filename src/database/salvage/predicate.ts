/** What is wrong with a predicate before any server has seen it; null: nothing. */
export function predicateProblem(text: string): string | null {
  if (text.trim() === '') return 'it is empty'
  if (text.includes('\0')) return 'it has a zero byte in it'
  let depth = 0
  let rest = text
  let before = ''
  while (rest !== '') {
    const token = nextToken(rest, before)
    if (token === null) return `it has a quote or a comment that is not closed: ${rest.slice(0, 20)}`
    if (token === ';') return 'it has a ; in it: one condition is wanted, no statements'
    if (/^\$\d/.test(token)) return `${token} stands for a value that nobody gives`
    if (token === '(') depth++
    if (token === ')') depth--
    if (depth < 0) return 'it has a ) without a ('
    before = token
    rest = rest.slice(token.length)
  }
  return depth === 0 ? null : 'it has a ( without a )'
}

/** As SQL that is true, or not, never null: on lines of its own, so that no comment swallows what follows. */
export function predicateExpression(text: string): string {
  return `coalesce((\n${text}\n), false)`
}

/** The piece of SQL that `text` begins with; null: it begins with something that has no end. */
function nextToken(text: string, before: string): string | null {
  const start = text.slice(0, 2)
  if (start === '--') return /^--[^\n]*/.exec(text)?.[0] ?? text
  if (start === '/*') return blockComment(text)
  if (text.startsWith('"')) return /^"(?:[^"]|"")*"/.exec(text)?.[0] ?? null
  if (text.startsWith("'")) {
    const escapes = /^[eE]$/.test(before)
    const pattern = escapes ? /^'(?:[^'\\]|\\[\s\S]|'')*'/ : /^'(?:[^']|'')*'/
    return pattern.exec(text)?.[0] ?? null
  }
  const dollar = /^\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(text)?.[0]
  if (dollar !== undefined) {
    const end = text.indexOf(dollar, dollar.length)
    return end < 0 ? null : text.slice(0, end + dollar.length)
  }
  return /^(?:[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\$\d+|\d+|\s+)/.exec(text)?.[0] ?? text.charAt(0)
}

/** They nest. */
function blockComment(text: string): string | null {
  let depth = 0
  for (const mark of text.matchAll(/\/\*|\*\//g)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return text.slice(0, mark.index + 2)
  }
  return null
}
