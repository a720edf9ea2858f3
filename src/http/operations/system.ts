/** What tells of the service itself: metadata, definitions, health. */

import { fail } from '../../fhir/error.ts'
import { excerpt, oneOf } from '../../shape.ts'
import { bytesAnswer, jsonAnswer, refuse, resourceAnswer, RETRY_AFTER } from '../answer.ts'
import { capabilityStatement, definedBy, operationDefinition } from '../capability.ts'
import { FORMATS } from '../negotiation.ts'
import { openApi } from '../openapi.ts'
import { reading, type Route } from '../route.ts'
import { smartSecurity } from './smart.ts'

const nothing = { formats: [FORMATS.json], parameters: {}, later: [], isUngated: true } as const
const mode = {
  shape: oneOf(['full', 'normative'], ['terminology']),
  type: 'code',
  text: 'how much of the statement is wanted',
} as const

/** The rows that describe the rows given, and themselves in openapi.json. */
export function systemRoutes(routes: readonly Route[]): readonly Route[] {
  const rows: readonly Route[] = [
    reading({
      ...nothing,
      path: '/fhir/metadata',
      text: 'the CapabilityStatement: exactly what works',
      parameters: { mode },
      answer: async ({ service, pretty }) => {
        // whoever only asks what works is told so without the issuer too
        const authority = await service.authority?.().catch(() => undefined)
        return resourceAnswer(capabilityStatement(routes, service, authority && smartSecurity(authority)), pretty)
      },
    }),
    reading({
      ...nothing,
      path: '/fhir/OperationDefinition/:id',
      text: 'the definition of an operation',
      answer: (call) => {
        const { id, service, pretty } = call
        const rows = definedBy(routes, id)
        if (rows !== undefined) return resourceAnswer(operationDefinition(rows, service), pretty)
        // what is not one of ours may be stored
        const read = routes.find(({ interaction }) => interaction?.codes.includes('read'))
        if (read === undefined) throw fail('not-found', `The OperationDefinition ${excerpt(id)} is not known`)
        return read.answer({ ...call, type: 'OperationDefinition' })
      },
    }),
    reading({
      ...nothing,
      formats: [FORMATS.data],
      path: '/openapi.json',
      text: 'this interface as OpenAPI',
      answer: ({ service, pretty }) => jsonAnswer(openApi([...routes, ...rows], service), pretty),
    }),
    reading({
      ...nothing,
      formats: [FORMATS.data],
      path: '/healthz',
      text: 'whether the process lives',
      answer: () => jsonAnswer({ status: 'ok' }),
    }),
    reading({
      ...nothing,
      formats: [FORMATS.data],
      path: '/readyz',
      text: 'whether new work is taken: the service does not stop, and its store can be read and written',
      answer: async ({ service }) => {
        if (!service.isReady()) throw refuse(503, 'transient', 'The service is about to stop', RETRY_AFTER)
        const isStoreReady = await service.store.isReady().catch(() => false)
        if (!isStoreReady) throw refuse(503, 'transient', 'The store cannot be read and written now', RETRY_AFTER)
        return jsonAnswer({ status: 'ready' })
      },
    }),
    reading({
      ...nothing,
      path: '/metrics',
      text: 'what the service counts and times, in the text format of Prometheus',
      formats: [FORMATS.text],
      isAvailable: ({ metrics }) => metrics !== undefined,
      answer: async ({ service: { metrics } }) => {
        if (metrics === undefined) throw fail('not-supported', 'This service was started without metrics')
        return bytesAnswer(await metrics.page(), metrics.contentType)
      },
    }),
  ]
  return rows
}
