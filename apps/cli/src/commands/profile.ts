import { fresh } from '../fresh.ts'
import type { Job } from '../job.ts'
import { safe } from '../show/safe.ts'
import { pairs } from '../show/table.ts'

export async function profile(job: Job, change: { readonly name?: string; readonly handle?: string }): Promise<void> {
  await fresh(job)
  const isChange = change.name !== undefined || change.handle !== undefined
  const own = await job.client.profile(isChange ? change : undefined)
  const { paint } = job.screen
  job.screen.tell({ account: own.account, handle: own.handle ?? null, name: own.name }, () =>
    pairs(paint, [
      ['name', own.name === '' ? paint.quiet('none yet: quintet profile --name "Your Name"') : safe(own.name)],
      ['handle', own.handle ?? paint.quiet('none: quintet profile --handle HANDLE')],
      ['account', own.account],
    ]),
  )
}
