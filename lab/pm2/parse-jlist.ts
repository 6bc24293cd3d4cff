import { z } from 'zod'

const processSchema = z.looseObject({
  name: z.string(),
  pm_id: z.number(),
  /** 0 or missing: it does not run */
  pid: z.number().optional(),
  pm2_env: z.looseObject({
    status: z.string(),
    exec_mode: z.string().optional(),
    restart_time: z.number().optional(),
    pm_exec_path: z.string().optional(),
    pm_cwd: z.string().optional(),
  }),
})

export type Pm2Process = z.infer<typeof processSchema>

/** `pm2 jlist` may print `[PM2] ...` lines before the list: the list is the last line that is JSON. */
export function parseJlist(stdout: string): Pm2Process[] {
  const line = stdout.split('\n').findLast((each) => /^\[(\]|\{)/.test(each))
  if (line === undefined) throw new Error(`pm2 jlist printed no list:\n${stdout}`)
  return z.array(processSchema).parse(JSON.parse(line))
}
