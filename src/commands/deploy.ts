import type { Plan } from '../domain/plan.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { planDeploy } from '../planner/plan-deploy.ts'
import type { NextCheckpoint } from '../planner/planning-input.ts'
import { bake } from './bake.ts'
import { bakeUnderJudge } from './bake-under-judge.ts'
import { planAndRun, requireRuntime } from './plan-and-run.ts'
import { refuseClaimed, requireClaim } from './register-service.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'
import { settleBake } from './settle-bake.ts'

/** Builds a commit, tries it in private, switches, and lets it bake until it is proven. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: input.options.plan !== true, fresh: true })
  // A release keeps the configuration it was built with: it must be one that is valid today.
  const { force, reason, 'without-way-back': withoutWayBack } = input.options
  const bold = force === true ? '--force' : withoutWayBack === true ? '--without-way-back' : null
  if (bold !== null && typeof reason !== 'string') {
    throw new OperatorError('REASON_REQUIRED', {
      what: `deploy ${bold}`,
      command: `deploy ${input.args.ref ?? 'HEAD'} ${bold}`,
    })
  }
  const { image } = input.options
  const made: { prebuilt?: string } = typeof image === 'string' ? { prebuilt: image } : {}
  if (made.prebuilt !== undefined) session.source.requirePrebuilt(made.prebuilt)
  const isFirst = (await session.state()).live === null
  await requireRuntime(session, { mayStart: isFirst })
  const ref = input.args.ref ?? 'HEAD'
  const commit = await session.source.resolve(session.configuration, ref)
  await refuseClaimed(session)
  if (input.options.plan !== true && !isFirst) await settleBake(session)
  const state = await session.state()
  return planAndRun(input, session, state, {
    verb: 'deploy',
    question: (plan) => `Deploy ${commit.commit.slice(0, 7)} (${commit.subject}) as ${plan.to}?`,
    reason: typeof reason === 'string' ? reason : `deploy ${ref}`,
    forced: force === true,
    to: null,
    async plan(planning) {
      const nextCheckpoint = await checkpointToCome(session)
      const asked = { force: force === true, withoutWayBack: withoutWayBack === true }
      return planDeploy({ ...planning, nextCheckpoint }, { ...commit, ...made, ...asked })
    },
    before: () => requireClaim(session),
    ...(input.options.watch === true && input.options.wait !== false
      ? { beside: (plan: Plan) => bakeUnderJudge(input, session, plan) }
      : {}),
    afterwards: (plan) => bake(input, session, plan),
  })
}

async function checkpointToCome({ configuration, database }: Session): Promise<NextCheckpoint | null> {
  if (database === null || configuration.database?.checkpoints.beforeDeploy !== true) return null
  const { templatePauseMs: allowedMs } = configuration.database.checkpoints
  const id = await database.checkpoints.nextId()
  if (allowedMs === null) return { id, template: null }
  return { id, template: { allowedMs, outlook: await database.checkpoints.templateOutlook() } }
}
