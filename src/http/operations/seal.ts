/** How the service seals, as a request asks for it. */

import { fail } from '../../fhir/error.ts'
import type { Signing } from '../../pipeline.ts'
import { modelOf, type Service } from '../route.ts'

interface Wishes {
  readonly alg: Signing['key']['alg'] | undefined
  readonly type: string | undefined
  readonly who: string | undefined
  readonly as: Signing['as'] | undefined
  readonly counter: string | undefined
  readonly format: 'jose' | 'xml' | undefined
}

/** The seal of the service. @throws FhirError `not-supported` where it has no key, or none for the algorithm */
export function sealFor(values: Wishes, service: Service): Signing {
  const { seal } = service
  if (seal === undefined)
    throw fail('not-supported', 'This service has no signing key, expected the steps prepare and embed')
  if (values.alg !== undefined && values.alg !== seal.key.alg) {
    throw fail('not-supported', `The key of this service does not sign with ${values.alg}, supported: ${seal.key.alg}`)
  }
  return {
    ...seal,
    ...(values.type !== undefined && { type: values.type }),
    ...(values.who !== undefined && { who: { reference: values.who } }),
    ...(values.as !== undefined && { as: values.as }),
    ...(values.counter !== undefined && { counter: [values.counter] }),
    ...(values.format === 'xml' && { xml: modelOf(service) }),
  }
}
