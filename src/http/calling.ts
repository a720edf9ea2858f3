/** A request as the call of a row: what can be told of it before its body is read; and requests within a request. */

import { bytesOf } from '../fhir/bytes.ts'
import { fail } from '../fhir/error.ts'
import type { Model } from '../fhir/model.ts'
import type { Original } from '../ports.ts'
import { entered } from './access/entrance.ts'
import { FHIR_JSON, told, type Answer } from './answer.ts'
import type { Match, Matcher } from './match.ts'
import { namedOrFirst, negotiate, offeredBy } from './negotiation.ts'
import { fromPairs, heeded, isPretty, mustBeText, pairsOf, queryOf, readOptions, type Pairs } from './parameters.ts'
import { preferences } from './rest/prefer.ts'
import { modelOf, type Call, type Dispatch, type Knock, type Route, type Service } from './route.ts'
import { noting, recording, trailFor, type Origin } from './trail.ts'
import { speaking, spoken, type Spoken } from './version.ts'
import { inXml, JSON_CHOICE } from './xml.ts'

/** A request as it came, without its body. */
export interface Incoming extends Knock {
  /** The path with its query. */
  readonly url: string
}

/** What further requests of the same caller are answered with. */
export interface Within {
  readonly incoming: Incoming
  readonly origin: Origin
  /** The service before it was narrowed to what the caller may use on this way. */
  readonly service: Service
  readonly matching: Matcher<Route>
}

export interface Calling {
  readonly call: Call
  /** The answer in the format wanted: rows answer in JSON where they answer with a resource. */
  readonly written: (answer: Answer) => Answer
  /** A header, in the words of the FHIR version that the service speaks. */
  readonly header: Spoken['header']
}

const NO_BODY: Original = { bytes: new Uint8Array(), mediaType: '' }
const NEVER = new AbortController().signal

/** The call of a row, still without body and signal. @throws FhirError, Refusal for what cannot be asked so */
export async function calling(
  incoming: Incoming,
  { route, variables }: Match,
  { service: entitled, caller, trail, within }: Entitled,
): Promise<Calling> {
  if (route.isAvailable?.(entitled) === false)
    throw fail('not-supported', `This service was started without what $${route.operation?.code ?? ''} needs`)
  const { fhirVersion, header } = spoken(incoming.header, route)
  const service = await speaking(entitled, fhirVersion)
  const { call: own, written } = asked(incoming.url, route, { service, header })
  const call = {
    ...own,
    ...variables,
    ...(caller !== undefined && { caller }),
    ...(trail !== undefined && { trail }),
    dispatch: dispatching(within),
    body: NO_BODY,
    received: NO_BODY,
    signal: NEVER,
  }
  return { call, written, header }
}

interface Entitled extends Pick<Call, 'service' | 'caller'> {
  readonly trail: Call['trail'] | undefined
  readonly within: Within
}

function asked(url: string, route: Route, { service, header }: Pick<Call, 'service' | 'header'>): Asked {
  mustBeText(url)
  const query = queryOf(url)
  const format = query.get('_format') ?? undefined
  const wish = { accept: header('Accept'), format }
  const offered = offeredBy(route.formats)
  const wanted = route.isOfAnyType === true ? namedOrFirst(wish, offered) : negotiate(wish, offered)
  const pairs = pairsOf(query)
  const pretty = isPretty(query)
  const isXml = wanted.format === 'xml'
  const model = (): Model => modelOf(service)
  return {
    call: {
      path: url,
      query: pairs,
      values: route.isFree === true ? {} : readOptions(fromPairs(meant(pairs, route, header)), route),
      wanted: isXml ? JSON_CHOICE : wanted,
      pretty: pretty ? { pretty: true } : {},
      header,
      service,
    },
    written: (answer) => (isXml ? inXml(answer, { model, pretty, contentType: wanted.contentType }) : answer),
  }
}

/** Operations refuse what they do not know, whatever a client prefers: an option may decide what is done. */
function meant(pairs: Pairs, { interaction, parameters }: Route, header: Knock['header']): Pairs {
  return interaction === undefined ? pairs : heeded(pairs, parameters, preferences(header('Prefer')).handling)
}

interface Asked extends Pick<Calling, 'written'> {
  readonly call: Omit<Call, 'type' | 'id' | 'vid' | 'body' | 'received' | 'signal' | 'dispatch'>
}

/** Of an entry its own: what the request around it says of its body and its answer is not meant for it. */
const OWN: Readonly<Record<string, string>> = { accept: FHIR_JSON, 'content-type': FHIR_JSON }
const NOT_MEANT = /^(?:if-|content-|transfer-|accept-encoding|range)/i

/** Operations, and what the service says of itself; interactions are done by the batch itself. */
function mayBeEntry({ operation, path }: Route): boolean {
  return operation !== undefined || path === '/fhir/metadata'
}

/** Answers entries by the same rows, each with its own rights and its own record in the audit. */
function dispatching({ incoming, origin, service, matching }: Within): Dispatch {
  return async ({ method, url, content }, signal) => {
    const [path = ''] = url.split('?')
    const match = matching(path).find(({ route }) => route.method === method && mayBeEntry(route))
    if (match === undefined) return undefined
    const header = (name: string): string | undefined =>
      OWN[name.toLowerCase()] ?? (NOT_MEANT.test(name) ? undefined : incoming.header(name))
    const inner = { method, path, url, header }
    const trail = trailFor({ ...origin, url }, match, service)
    try {
      const { service: guarded, caller } = await entered(inner, match, recording(service, trail))
      const entitled = { service: noting(guarded, trail), trail, within: { incoming, origin, service, matching } }
      const { call, written } = await calling(inner, match, { ...entitled, ...(caller !== undefined && { caller }) })
      const body = content === undefined ? NO_BODY : { bytes: bytesOf(content), mediaType: FHIR_JSON }
      const answer = written(await match.route.answer({ ...call, signal, body, received: body }))
      await trail?.end(answer.status)
      return answer
    } catch (thrown) {
      const { status, issues } = told(thrown)
      await trail?.end(status, issues[0]?.code)
      throw thrown
    }
  }
}
