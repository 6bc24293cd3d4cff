import { expect, test } from 'vitest'
import { csvLine } from './csv.ts'
import { exportName, isExportedFile } from './export-names.ts'
import { commentLine, insertStatement } from './sql-file.ts'

test('NULL is nothing, the empty text is quoted', () => {
  expect(csvLine([null, '', 'a'])).toBe(',"",a\n')
})

test('what would end a field, a line or the data is quoted', () => {
  expect(csvLine(['a,b', 'say "hi"', 'two\nlines', 'cr\r', ' kept '])).toBe(
    '"a,b","say ""hi""","two\nlines","cr\r", kept \n',
  )
  expect(csvLine(['\\.'])).toBe('"\\."\n')
  expect(csvLine(['\\.', 'b'])).toBe('\\.,b\n')
})

test('a statement that overwrites nothing, and a comment that ends with its line', () => {
  expect(insertStatement({ schema: 'public', name: 'a"b' }, ['x', 'Y'], ["it's", null])).toBe(
    `INSERT INTO "public"."a""b" ("x", "Y") OVERRIDING SYSTEM VALUE VALUES ('it''s', NULL) ON CONFLICT DO NOTHING;\n`,
  )
  expect(commentLine('DELETE', { key: ['a\n; DROP TABLE x; --\r\u2028'] })).toMatch(
    /^-- DELETE [^\n\r\u2028]+\n$/,
  )
})

test('file names that every file system takes', () => {
  const name = exportName(3, { schema: 'public', name: '../we ird/Ünï' })
  expect(name).toBe('03-public.%2e%2e%2fwe%20ird%2f%c3%9cn%c3%af')
  expect(isExportedFile(`${name}.inserted.csv`)).toBe(true)
  expect(isExportedFile('notes.txt')).toBe(false)
})
