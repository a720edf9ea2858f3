/** `Bundle/$verify`: what can be said of a document's signature. */

import { isObject, type Json, type JsonObject, type Resource } from '../../fhir/types.ts'
import { judge } from '../../pipeline.ts'
import { bundleFrom } from '../../request.ts'
import { resourceAnswer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { operation } from '../route.ts'

export const verifyRoute = operation({
  path: '/fhir/Bundle/$verify',
  code: 'verify',
  type: 'Bundle',
  text: 'the verification report of a document; what signatures are trusted by is decided by the service',
  formats: [FORMATS.json],
  parameters: {},
  later: ['sidecar'],
  part: 'content',
  output: [
    { name: 'indication', type: 'code', least: 1, most: '1', text: 'TOTAL_PASSED, INDETERMINATE or TOTAL_FAILED' },
    { name: 'subIndication', type: 'code', least: 0, most: '1', text: 'the reason, of EN 319 102-1' },
    { name: 'signature', type: '', least: 0, most: '*', text: 'what was found of a signature', parts: ['where', 'format', 'level', 'indication', 'subIndication', 'signer', 'seal', 'signingTime', 'bestSignatureTime', 'checks', 'notCovered'] },
  ], // prettier-ignore
  answer: async ({ content, pretty, service }) => {
    const at = service.edge.now()
    const report = await judge(bundleFrom(content), { ...service.trust, at }, service.edge)
    const { signatures, ...verdict } = report
    return resourceAnswer(parametersOf({ ...verdict, signature: signatures as unknown as Json }), pretty)
  },
})

/** The FHIR type of a member that is text, where it is not `string`. */
const TYPES: Readonly<Record<string, string>> = {
  indication: 'Code',
  subIndication: 'Code',
  format: 'Code',
  level: 'Code',
  verdict: 'Code',
  signingTime: 'Instant',
  bestSignatureTime: 'Instant',
}

/** An object as Parameters: members as parameters of the same names, several values as several parameters. */
export function parametersOf(value: JsonObject): Resource {
  return { resourceType: 'Parameters', parameter: partsOf(value) }
}

function partsOf(value: JsonObject): JsonObject[] {
  return Object.entries(value).flatMap(([name, member]) => {
    const values = Array.isArray(member) ? (member as readonly Json[]) : [member]
    return values.map((each) => ({ name, ...partOf(name, each) }))
  })
}

function partOf(name: string, value: Json | undefined): JsonObject {
  if (isObject(value)) return { part: partsOf(value) }
  if (typeof value === 'boolean') return { valueBoolean: value }
  return { [`value${TYPES[name] ?? 'String'}`]: value }
}
