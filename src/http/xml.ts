/** FHIR XML on every route: bodies become JSON before a row sees them, and answers XML after it. @see https://hl7.org/fhir/R4/xml.html */

import { FhirError } from '../fhir/error.ts'
import { bytesOf } from '../fhir/bytes.ts'
import { parseJson } from '../fhir/json.ts'
import type { Model } from '../fhir/model.ts'
import { isResource } from '../fhir/types.ts'
import { stringifyXml } from '../fhir/xml-write.ts'
import { parseXml } from '../fhir/xml.ts'
import type { Original } from '../ports.ts'
import { FHIR_JSON, refuse, type Answer } from './answer.ts'
import { FORMATS, isOfType, negotiate, type Choice, type Readable, type Wish } from './negotiation.ts'

/** What a row is told that is to answer with a resource, in whichever format. */
export const JSON_CHOICE: Choice = { format: 'json', contentType: FHIR_JSON }

/** What the parser of XML needs to know. */
interface Reading {
  readonly reads: Readable
  readonly model: () => Model
}

/** A body as JSON: one in XML is read and written as the JSON that it means. @throws FhirError `structure`, `too-long` */
export function asJson(received: Original, { reads, model }: Reading): Original {
  // where anything may come, only what says that it is FHIR is read
  const types = reads === 'any' ? FORMATS.xml.mediaTypes.slice(0, 1) : FORMATS.xml.mediaTypes
  if (!isOfType(received.mediaType, types)) return received
  return { bytes: bytesOf(parseXml(received.bytes, model())), mediaType: FHIR_JSON }
}

/** Whether a request would rather have XML than JSON; a wish that cannot be met is none. */
export function isXmlWished(wish: Wish): boolean {
  try {
    return negotiate(wish, [FORMATS.json, FORMATS.xml]).format === 'xml'
  } catch {
    return false
  }
}

interface Writing {
  readonly model: () => Model
  readonly pretty: boolean
  /** The one that was asked for, with its charset. */
  readonly contentType?: string
}

/** An answer with a resource as XML; another, and one without content, as it is. @throws Refusal 406 where XML cannot say what the resource says */
export function inXml(answer: Answer, { model, pretty, contentType = FHIR_XML }: Writing): Answer {
  const { headers, body } = answer
  if (headers['Content-Type']?.startsWith(FORMATS.json.mediaTypes[0]) !== true || body.length === 0) return answer
  const resource = parseJson(body)
  if (!isResource(resource)) return answer
  try {
    const text = stringifyXml(resource, model(), pretty ? 'pretty' : 'none')
    return { ...answer, headers: { ...headers, 'Content-Type': contentType }, body: text }
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    throw refuse(406, 'not-supported', `The resource cannot be written as XML: ${error.issues[0].text}`)
  }
}

const FHIR_XML = 'application/fhir+xml; charset=utf-8'
