/** Binary: content of any type, byte for byte. @see https://hl7.org/fhir/R4/binary.html */

import { fromBase64, toBase64 } from '../../fhir/digest.ts'
import type { Resource } from '../../fhir/types.ts'
import type { Original, StoreReader } from '../../ports.ts'
import type { Answer, Headers } from '../answer.ts'
import { FORMATS, isOfType } from '../negotiation.ts'
import { interaction, type Call, type Route } from '../route.ts'
import { keyOf, type Ask, type Outcome } from './ask.ts'
import { answerTo, askOf, headersOf } from './exchange.ts'
import { ACTS, perform, type Act } from './interactions.ts'

/** A page in it must not act as one of the service. */
const HARMLESS: Headers = {
  'Content-Disposition': 'attachment',
  'Content-Security-Policy': "sandbox; default-src 'none'",
}
const NOTHING = new Uint8Array()

/** What is sent and received as it is, in the place of the rows for any type. */
export const binaryRoutes: readonly Route[] = ACTS.flatMap((act) => {
  if (act.code === 'read' || act.code === 'vread') return [rawRead(act)]
  const isRaw = act.reads === FORMATS.json.mediaTypes && act.isFree !== true
  return isRaw ? [rawWrite(act)] : []
})

function pathOf({ path }: Act): string {
  return path.replace(':type', 'Binary')
}

function rawRead(act: Act): Route {
  return interaction({
    method: act.method,
    path: pathOf(act),
    text: `${act.text}: the bytes as they came, or a Binary where FHIR is wanted`,
    parameters: act.parameters,
    formats: [FORMATS.octets, FORMATS.json],
    later: [],
    isOfAnyType: true,
    answer: async (call) => {
      const ask = { ...askOf(act, call), type: 'Binary' }
      if (call.wanted.format === 'json') return answerTo(act, call, await perform(act, ask, call))
      return call.service.store.snapshot(async (reader) => raw(call, ask, { act, reader }))
    },
  })
}

interface Reading {
  readonly act: Act
  readonly reader: StoreReader
}

/** The bytes of a version, under their own media type. */
async function raw(call: Call, ask: Ask, { act, reader }: Reading): Promise<Answer> {
  const done: Outcome = act.writes ? { status: 204 } : await act.perform(ask, reader, call.service)
  const { version, status } = done
  if (version === undefined || status === 304) return answerTo(act, call, done)
  const { bytes, mediaType } = (await reader.original(keyOf(version), version.versionId)) ?? bytesOf(version.resource)
  const reference = contextOf(version.resource)
  const headers = {
    ...headersOf(done, call),
    ...HARMLESS,
    'Content-Type': isPrintable(mediaType) ? mediaType : FORMATS.octets.mediaTypes[0],
    ...(reference !== undefined && isPrintable(reference) && { 'X-Security-Context': reference }),
  }
  return { status, headers, body: bytes }
}

/** The bytes of a Binary that was kept without them, such as one without contentType. */
function bytesOf(binary: Resource | undefined): Original {
  const data = binary?.['data']
  const bytes = typeof data === 'string' ? fromBase64(data) : undefined
  return { bytes: bytes ?? NOTHING, mediaType: FORMATS.octets.mediaTypes[0] }
}

function contextOf(binary: Resource | undefined): string | undefined {
  const context = binary?.['securityContext'] as { readonly reference?: string } | undefined
  return context?.reference
}

function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text)
}

function rawWrite(act: Act): Route {
  return interaction({
    method: act.method,
    path: pathOf(act),
    text: `${act.text}; what is no FHIR is kept byte for byte in a Binary`,
    parameters: act.parameters,
    formats: [FORMATS.json],
    later: [],
    reads: 'any',
    answer: async (call) => {
      const isFhir = isOfType(call.received.mediaType, [FORMATS.json.mediaTypes[0], FORMATS.xml.mediaTypes[0]])
      const asked = askOf(act, call, isFhir ? undefined : { value: binaryOf(call) })
      return answerTo(act, call, await perform(act, { ...asked, type: 'Binary' }, call))
    },
  })
}

/** Bytes as a Binary. */
function binaryOf({ id, body, header }: Call): Resource {
  const context = header('X-Security-Context')
  return {
    resourceType: 'Binary',
    ...(id !== '' && { id }),
    contentType: body.mediaType,
    ...(context !== undefined && { securityContext: { reference: context } }),
    ...(body.bytes.length > 0 && { data: toBase64(body.bytes) }),
  }
}
