/** What happened (`message`), and what to type next (`hint`). `{name}` takes a value from the params. */
export interface ErrorEntry {
  exit: number
  title: string
  message: string
  hint: string
}
