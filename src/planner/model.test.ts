import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOperatorError } from '../errors/operator-error.ts'
import { commitWith } from '../../test/support/fake-shelf.ts'
import { openFakeService } from '../../test/support/fake-service.ts'
test('smoke', async () => {
  const s = openFakeService()
  for (const c of ['none:1','none:2','sick-in-public:3']) { const o = await s.deploy(c); console.log(c, o.status, o.error?.message, s.serving()); if (o.status==='succeeded') await s.mark('proven', o.run.plan.to) }
  const o = await s.rollback('r1'); console.log(o.status, o.error?.message, s.serving(), s.points.join(' '))
})
