/** `Composition/$document`: what the store holds of a Composition and all that it refers to, as a document. @see https://hl7.org/fhir/R4/composition-operation-document.html */

import { fail } from '../../fhir/error.ts'
import { isComposition, type Bundle, type Resource } from '../../fhir/types.ts'
import { OPTIONS } from '../../options.ts'
import { assemble, type Assembled } from '../../persist.ts'
import { compileGraph, type ComposeRequest } from '../../pipeline.ts'
import { escaped, everyMatch, searchable, type Criteria } from '../../matches.ts'
import type { StoreReader } from '../../ports.ts'
import { composeRequest, type Origin, type Wishes } from '../../request.ts'
import { excerpt, text, yesNo } from '../../shape.ts'
import { bytesAnswer, FHIR_JSON, issuesHeader, refuse, resourceAnswer, type Answer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { storedOperation } from '../operation.ts'
import { modelOf, type Call, type Service } from '../route.ts'
import { PAGE_OPTIONS, rendering } from './rendering.ts'
import { bundleIn, isJson, currentOf, knownOf } from './stored.ts'

const { secondary, fullUrl, profile } = OPTIONS
const id = {
  shape: text('a logical id or the URL of a Composition'),
  type: 'uri',
  text: 'which Composition, where the address does not say it',
} as const
const persist = {
  shape: yesNo,
  type: 'boolean',
  text: 'true stores the document, unless an unchanged one is stored: then that one is given; without it that one is given too and nothing is stored; false makes a new one',
} as const

const graph = {
  shape: text('the canonical URL of a stored GraphDefinition'),
  type: 'uri',
  text: 'what is included beside what the Composition itself refers to; without it, all that secondary says',
} as const

export const documentRoutes = storedOperation({
  code: 'document',
  type: 'Composition',
  levels: ['instance', 'type'],
  text: 'the document of a stored Composition, complete or an error',
  formats: [FORMATS.json, FORMATS.xhtml, FORMATS.pdf],
  parameters: { id, persist, graph, secondary, fullUrl, profile, ...PAGE_OPTIONS },
  later: [],
  definition: 'http://hl7.org/fhir/OperationDefinition/Composition-document',
  output: [{ name: 'return', type: 'Bundle', least: 1, most: '1', text: 'the document, sent as it is' }],
  answer: async (call) => {
    const { values, service } = call
    if (values.persist === true) mustBeMeant(call)
    const url = addressOf(call)
    const assembled = await assemble(
      {
        store: service.store,
        request: (reader) => requestFor(url, values, { reader, service }),
        ...nameOf(url, values, service),
        persist: values.persist,
        signing: service.seal,
      },
      service.design,
      service.edge,
    )
    return answerOf(assembled, call)
  },
})

/**
 * Nothing, where a page elsewhere is not what asks: a GET from there comes without Origin, and must not write (H-18).
 * @throws Refusal 403
 */
export function mustBeMeant({ header }: Pick<Call, 'header'>): void {
  if (header('Sec-Fetch-Site') === 'cross-site' && header('Origin') === undefined)
    throw refuse(403, 'forbidden', 'A page elsewhere may not have documents stored, expected a request by the client')
}

/** The URL of the Composition that a request names. @throws FhirError `value`, `required` */
function addressOf({ id: ofPath, values, service }: Call<{ readonly id: typeof id }>): string {
  const { base } = service
  if (ofPath !== '' && values.id !== undefined)
    throw fail('value', 'The parameter id is given where the address names the Composition already, expected none')
  const name = ofPath === '' ? values.id : ofPath
  if (name === undefined) throw fail('required', 'The parameter id is missing, expected the id of a Composition')
  if (/^[A-Za-z0-9.-]{1,64}$/.test(name)) return `${base}/Composition/${name}`
  if (/^https?:\/\/[^\s?#]+\/Composition\/[A-Za-z0-9.-]{1,64}$/.test(name)) return name
  throw fail(
    'value',
    `The id ${excerpt(name)} names no Composition, expected its logical id or its URL without version`,
  )
}

type Asked = Parameters<typeof rendering>[1] & Pick<Call, 'pretty' | 'trail'>

interface Circumstances {
  readonly reader: StoreReader
  readonly service: Service
}

type Wished = Wishes & { readonly graph?: string | undefined; readonly profile?: string | undefined }

/** What is composed. @throws FhirError `not-found`, `deleted`, `not-supported` where it lies on a server that is not read from */
async function requestFor(url: string, wishes: Wished, circumstances: Circumstances): Promise<ComposeRequest> {
  const { reader, service } = circumstances
  const own = searchable(service.storeSource(reader, service.base), reader)
  const sources = [own, ...(service.upstream ?? [])]
  const { graph, profile } = wishes
  return {
    ...composeRequest({ ...(await originOf(url, circumstances)), sources }, wishes),
    ...(profile !== undefined && { profiles: [profile] }),
    ...(graph !== undefined && { graph: compileGraph(await graphDefinition(graph, reader)) }),
  }
}

/** The name of a document that is made of nothing but what the store holds. */
function nameOf(url: string, wishes: Wished, { base, upstream = [] }: Service): { readonly name?: string } {
  const { secondary, fullUrl, profile, graph } = wishes
  return upstream.length > 0 ? {} : { name: JSON.stringify([url, base, secondary, fullUrl, profile, graph]) }
}

async function originOf(url: string, { reader, service }: Circumstances): Promise<Omit<Origin, 'sources'>> {
  const { base, upstream = [] } = service
  const [, name] = url.split(`${base}/Composition/`)
  const isOwn = url.startsWith(`${base}/Composition/`) && name !== undefined
  if (!isOwn) {
    const isReadFrom = upstream.some((source) => source.base !== undefined && url.startsWith(`${source.base}/`))
    if (isReadFrom) return { composition: { reference: url } }
    throw fail('not-supported', `The Composition ${excerpt(url, 120)} is on a server that this service does not read`)
  }
  if (upstream.length > 0) {
    const [current] = await reader.versions([{ type: 'Composition', id: name }])
    if (current === undefined) return { composition: { reference: `Composition/${name}` } }
  }
  const { resource } = await currentOf(reader, 'Composition', name)
  if (!isComposition(resource)) throw new TypeError('The store gave another resource than it was asked for')
  return { composition: resource, origin: { source: service.storeSource(reader, base).name, url } }
}

/** The stored GraphDefinition with a canonical URL. @throws FhirError `value` where none or several have it */
async function graphDefinition(canonical: string, reader: StoreReader): Promise<Resource> {
  const [url = '', version] = canonical.split('|')
  const parameters: Criteria['parameters'] = [
    ['url', escaped(url)],
    ...(version === undefined ? [] : [['version', escaped(version)] as const]),
  ]
  const [found, another] = await everyMatch(reader, { type: 'GraphDefinition', parameters })
  if (found?.resource === undefined) throw fail('value', `The graph ${excerpt(canonical, 120)} is not stored here`)
  if (another === undefined) return found.resource
  throw fail('value', `Several versions of the graph ${excerpt(canonical, 120)} are stored, expected one with |version`)
}

/** A document in the format wanted, as the store has it where it is stored. */
export async function answerOf({ bundle, stored, issues }: Assembled, call: Asked): Promise<Answer> {
  call.trail?.about(bundle)
  const { wanted, pretty, service } = call
  const isPage = wanted.format !== 'json'
  const known = stored !== undefined || isPage ? await knownOf(bundle, service) : undefined
  const headers = {
    ...known?.headers,
    ...(stored !== undefined && { Location: `${service.base}/Bundle/${stored.version.id}` }),
  }
  const document = (): Bundle => (stored === undefined ? bundle : bundleIn(stored.original, modelOf(service)))
  const original = stored === undefined ? {} : { original: stored.original }
  if (isPage) return rendering(document(), call, { ...known, ...original, issues, headers })
  const told = { ...issuesHeader(issues), ...headers }
  const isAsStored = stored !== undefined && pretty.pretty !== true && isJson(stored.original)
  if (!isAsStored) return resourceAnswer(document(), { ...pretty, headers: told })
  return bytesAnswer(stored.original.bytes, FHIR_JSON, told)
}
