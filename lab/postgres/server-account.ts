import { runOrFail } from '../run.ts'

/** Nothing: our own account. */
export type Account = { uid?: number; gid?: number }

/** PostgreSQL refuses to run as root: then it runs as the account that its package made for it. */
export async function findServerAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {}
  try {
    const [uid, gid] = await Promise.all([
      runOrFail('id', ['-u', 'postgres']),
      runOrFail('id', ['-g', 'postgres']),
    ])
    return { uid: Number(uid), gid: Number(gid) }
  } catch (cause) {
    throw new Error('PostgreSQL does not run as root: this machine needs an account named "postgres"', {
      cause,
    })
  }
}
