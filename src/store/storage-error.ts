import { OperatorError, systemCode } from '../errors/operator-error.ts'

/** A full disk and a read-only home are the operator's to mend; anything else stays what it was. */
export function storageError(error: unknown, what: string, path: string): unknown {
  const code = systemCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new OperatorError('DISK_FULL', { what, path }, { cause: error })
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return new OperatorError('HOME_READ_ONLY', { path, detail: code }, { cause: error })
  }
  return error
}
