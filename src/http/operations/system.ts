/** What tells of the service itself: metadata, definitions, health. */

import { fail } from '../../fhir/error.ts'
import { excerpt, oneOf } from '../../shape.ts'
import { jsonAnswer, refuse, resourceAnswer, RETRY_AFTER } from '../answer.ts'
import { capabilityStatement, idOf, operationDefinition, operationsOf } from '../capability.ts'
import { FORMATS } from '../negotiation.ts'
import { openApi } from '../openapi.ts'
import { reading, type Route } from '../route.ts'

const nothing = { formats: [FORMATS.json], parameters: {}, later: [] } as const
const mode = {
  shape: oneOf(['full', 'normative'], ['terminology']),
  type: 'code',
  text: 'how much of the statement is wanted',
} as const

/** The rows that describe the operations given, and themselves in openapi.json. */
export function systemRoutes(operations: readonly Route[]): readonly Route[] {
  const rows: readonly Route[] = [
    reading({
      ...nothing,
      path: '/fhir/metadata',
      text: 'the CapabilityStatement: exactly what works',
      parameters: { mode },
      answer: ({ service, pretty }) => resourceAnswer(capabilityStatement(operations, service), pretty),
    }),
    reading({
      ...nothing,
      path: '/fhir/OperationDefinition/:id',
      text: 'the definition of an operation',
      answer: ({ id, service, pretty }) => {
        const row = operationsOf(operations).find((each) => each.definition === undefined && idOf(each) === id)
        if (row === undefined) throw fail('not-found', `The OperationDefinition ${excerpt(id)} is not known`)
        return resourceAnswer(operationDefinition(row, service), pretty)
      },
    }),
    reading({
      ...nothing,
      path: '/openapi.json',
      text: 'this interface as OpenAPI',
      answer: ({ service, pretty }) => jsonAnswer(openApi([...operations, ...rows], service), pretty),
    }),
    reading({
      ...nothing,
      path: '/healthz',
      text: 'whether the process lives',
      answer: () => jsonAnswer({ status: 'ok' }),
    }),
    reading({
      ...nothing,
      path: '/readyz',
      text: 'whether new work is taken',
      answer: ({ service }) => {
        if (!service.isReady()) throw refuse(503, 'transient', 'The service is about to stop', RETRY_AFTER)
        return jsonAnswer({ status: 'ready' })
      },
    }),
  ]
  return rows
}
