/** The signature of a stored document made to last, at the levels that the settings of the service allow: its sidecar is stored with it. */

import { fail } from '../../fhir/error.ts'
import { lastingOf, levelsFor } from '../../http/operations/lasting.ts'
import { keepSidecar, storedBesides } from '../../http/operations/sidecars.ts'
import type { Call, Route } from '../../http/route.ts'
import { outlast } from '../../pipeline.ts'
import { seeOther, submission } from '../page.ts'
import { documentPath } from './documents.ts'
import { PATH, read, telling } from './signing.ts'

const lasting = submission({
  path: `${PATH}/last`,
  text: 'the signature of the document with time-stamps, and with what it will be judged by',
  answer: (call, form) =>
    telling(call, async () => {
      const { service } = call
      const { bundle, version } = await read(call)
      const level = levelsFor(bundle, service).find((one) => one === form.value('level'))
      const wished = level === undefined ? undefined : lastingOf({ level }, service)
      if (wished === undefined)
        throw fail('value', 'The level is none that this service gives', { rule: 'lasting-signature' })
      const [sidecar] = await sidecarsOf(version.id, call)
      const made = Buffer.from(await outlast(bundle, wished, service.edge, sidecar))
      await keepSidecar(service.store, { id: version.id, bundle, sidecar: made, at: service.edge.now() })
      return seeOther(documentPath(call.id))
    }),
})

async function sidecarsOf(id: string, { service }: Call): Promise<readonly Uint8Array[]> {
  const { sidecars } = await service.store.snapshot((reader) => storedBesides(reader, { id }, service.base))
  return sidecars
}

export const lastingRoutes: readonly Route[] = [{ ...lasting, need: { role: 'sign', writing: 'sign' } }]
