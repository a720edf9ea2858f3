/** A way in for whoever looks around: the example record, where nothing is stored yet and nobody has to log in. */

import { refuse } from '../../http/answer.ts'
import type { Call, Route, Service } from '../../http/route.ts'
import type { Signing } from '../../pipeline.ts'
import type { StoreReader } from '../../ports.ts'
import { HOME, seeOther, submission } from '../page.ts'

type Asked = Pick<Call, 'service' | 'caller'>

/** What may be offered: nothing where people log in, or where anybody is known. */
function exampleOf({ service, caller }: Asked): Service['example'] {
  return caller === undefined && service.login === undefined && service.door === undefined ? service.example : undefined
}

/** Whether the example record is offered: as long as there is no patient at all. */
export async function isExampleOffered(call: Asked): Promise<boolean> {
  if (exampleOf(call) === undefined) return false
  return call.service.store.snapshot(isEmpty)
}

async function isEmpty(store: StoreReader): Promise<boolean> {
  const page = { handling: 'strict', defaultCount: 1, maxCount: 1 } as const
  return (await store.search({ type: 'Patient', parameters: [], ...page })).matches.length === 0
}

/** The seal of the service, else the one for trying out where that is offered. */
export function sealFor(call: Asked): Signing | undefined {
  return call.service.seal ?? exampleOf(call)?.seal()
}

const loading = submission({
  path: `${HOME}/example`,
  text: 'the example record, where nothing is stored yet',
  answer: async (call) => {
    const example = exampleOf(call)
    if (example === undefined) throw refuse(403, 'forbidden', 'The example is not offered by this service')
    const record = await example.record()
    await call.service.store.transaction(async (writer) => {
      if (!(await isEmpty(writer))) throw refuse(409, 'conflict', 'There are patients already, expected none')
      for (const resource of record) {
        const key = { type: resource.resourceType, id: resource.id ?? '' }
        await writer.write({ ...key, method: 'PUT', resource, expected: { versionId: undefined } })
      }
    })
    const patient = record.find(({ resourceType }) => resourceType === 'Patient')
    return seeOther(`${HOME}/patient/${patient?.id ?? ''}`)
  },
})

export const exampleRoutes: readonly Route[] = [{ ...loading, need: { role: 'compose', writing: 'compose' } }]
