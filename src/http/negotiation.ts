/** Content negotiation: which format a request wants, and whether its body has one that is read. @see https://hl7.org/fhir/R4/http.html#mime-type */

import { excerpt } from '../shape.ts'
import { refuse } from './answer.ts'

/** A format of answers, and the media types that ask for it; the first is the one it is sent under. */
export interface Format {
  readonly name: 'json' | 'xml' | 'xhtml' | 'html' | 'css' | 'script' | 'pdf' | 'octets' | 'text'
  readonly mediaTypes: readonly [string, ...string[]]
  /** Whether it is text, and so names its charset. */
  readonly charset?: 'utf-8'
}

export const FORMATS = {
  json: { name: 'json', mediaTypes: ['application/fhir+json', 'application/json'], charset: 'utf-8' },
  xml: { name: 'xml', mediaTypes: ['application/fhir+xml', 'application/xml', 'text/xml'], charset: 'utf-8' },
  /** JSON that is no resource. */
  data: { name: 'json', mediaTypes: ['application/json', 'application/fhir+json'], charset: 'utf-8' },
  xhtml: { name: 'xhtml', mediaTypes: ['application/xhtml+xml', 'text/html'], charset: 'utf-8' },
  /** The pages of the service itself. */
  html: { name: 'html', mediaTypes: ['text/html', 'application/xhtml+xml'], charset: 'utf-8' },
  css: { name: 'css', mediaTypes: ['text/css'], charset: 'utf-8' },
  script: { name: 'script', mediaTypes: ['text/javascript'], charset: 'utf-8' },
  pdf: { name: 'pdf', mediaTypes: ['application/pdf'] },
  octets: { name: 'octets', mediaTypes: ['application/octet-stream'] },
  text: { name: 'text', mediaTypes: ['text/plain'], charset: 'utf-8' },
} as const satisfies Record<string, Format>

/** The formats of the answer, where each resource that is sent as JSON is offered as XML too. */
export function offeredBy(formats: readonly Format[]): readonly Format[] {
  return formats.flatMap((format) => (format === FORMATS.json ? [format, FORMATS.xml] : [format]))
}

/** What a body may be, where each that may be FHIR in JSON may be FHIR in XML too. */
export function readableBy(reads: Readable): Readable {
  return reads !== 'any' && reads.includes(FORMATS.json.mediaTypes[0]) ? [...reads, ...FORMATS.xml.mediaTypes] : reads
}

/** JSON Patch. @see https://www.rfc-editor.org/rfc/rfc6902#section-6 */
export const PATCH_TYPE = 'application/json-patch+json'

/** What an answer is sent as. */
export interface Choice {
  readonly format: Format['name']
  /** With its charset: the value of Content-Type. */
  readonly contentType: string
}

/** What a request says of the format that it wants. */
export interface Wish {
  readonly accept?: string | undefined
  /** The parameter `_format`, which goes before Accept. */
  readonly format?: string | undefined
}

/**
 * The format of the answer: the wish's best one among those offered; the first offered where it has none.
 * @throws Refusal 406 naming what is offered
 */
export function negotiate({ accept, format }: Wish, offered: readonly Format[]): Choice {
  // a plus sign in a query is a blank unless escaped, and few escape it in application/fhir+json
  if (format !== undefined)
    return named(format.replaceAll(' ', '+'), offered) ?? refused(`The _format ${format}`, offered)
  const ranges = parseAccept(accept ?? '*/*')
  const options = offered.flatMap((each, order) =>
    each.mediaTypes.map((mediaType, rank) => ({ each, mediaType, order, rank })),
  )
  const rated = options.map((option) => ({ ...option, quality: quality(ranges, option.mediaType) }))
  const best = rated
    .filter((option) => option.quality > 0)
    .sort((a, b) => b.quality - a.quality || a.order - b.order || a.rank - b.rank)[0]
  return best === undefined ? refused(`The Accept header ${accept}`, offered) : choice(best.each, best.mediaType)
}

/** The format that the wish names by its media type; where it names none of those offered, any will do. */
export function namedOrFirst({ accept = '', format }: Wish, offered: readonly Format[]): Choice {
  const types = format === undefined ? parseAccept(accept).map(({ type }) => type) : [format.replaceAll(' ', '+')]
  const [first] = types.flatMap((type) => named(type, offered) ?? [])
  return first ?? negotiate({}, offered)
}

function named(format: string, offered: readonly Format[]): Choice | undefined {
  const bare = mediaTypeOf(format)
  const found = offered.find(({ name, mediaTypes }) => name === bare.type || mediaTypes.includes(bare.type))
  if (found === undefined || !isR4(bare.parameters)) return undefined
  return choice(found, found.mediaTypes.find((mediaType) => mediaType === bare.type) ?? found.mediaTypes[0])
}

function choice({ name, charset }: Format, mediaType: string): Choice {
  return { format: name, contentType: charset === undefined ? mediaType : `${mediaType}; charset=${charset}` }
}

function refused(what: string, offered: readonly Format[]): never {
  const names = offered.flatMap(({ mediaTypes }) => mediaTypes).join(', ')
  throw refuse(
    406,
    'not-supported',
    `${excerpt(what, 120)} asks for a format that is not supported here, supported: ${names} (FHIR 4.0)`,
  )
}

interface MediaType {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
}

/** A media type in lower case with its parameters. */
function mediaTypeOf(text: string): MediaType {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim())
  const pairs = rest.map((part) => part.split('=').map((side) => side.trim().replace(/^"|"$/g, '').toLowerCase()))
  return { type: type.toLowerCase(), parameters: new Map(pairs.map(([name = '', value = '']) => [name, value])) }
}

function isR4(parameters: ReadonlyMap<string, string>): boolean {
  const version = parameters.get('fhirversion')
  return version === undefined || version === '4.0' || version === '4.0.1'
}

interface Range {
  readonly type: string
  readonly quality: number
}

function parseAccept(accept: string): readonly Range[] {
  const types = accept.split(',', 50).map(mediaTypeOf)
  return types
    .filter(({ parameters }) => isR4(parameters))
    .map(({ type, parameters }) => ({ type, quality: weight(parameters.get('q')) }))
}

function weight(q: string | undefined): number {
  const value = q === undefined ? 1 : Number(q)
  return value >= 0 && value <= 1 ? value : 0
}

/** The quality that the most specific range gives a media type. @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1 */
function quality(ranges: readonly Range[], mediaType: string): number {
  const family = `${mediaType.slice(0, mediaType.indexOf('/'))}/*`
  for (const type of [mediaType, family, '*/*']) {
    const range = ranges.find((candidate) => candidate.type === type)
    if (range !== undefined) return range.quality
  }
  return 0
}

/**
 * Nothing, where a body of this Content-Type and Content-Encoding is one of the media types that are read. Operations
 * and most interactions read only FHIR and JSON: a page elsewhere can post forms and plain text without asking.
 * @throws Refusal 415 naming what is read
 */
export function mustBeReadable({ contentType, encoding }: BodyHead, reads: Readable): void {
  if (encoding !== undefined && !/^(?:identity|gzip)$/i.test(encoding)) {
    const text = `The Content-Encoding ${excerpt(encoding)} is not supported, expected gzip or none`
    throw refuse(415, 'not-supported', text, { 'Accept-Encoding': 'gzip' })
  }
  if (reads === 'any') return
  const { type, parameters } = mediaTypeOf(contentType ?? '')
  const charset = parameters.get('charset') ?? 'utf-8'
  if (reads.includes(type) && isR4(parameters) && /^utf-?8$/.test(charset)) return
  const found =
    contentType === undefined
      ? 'A Content-Type is missing'
      : `The Content-Type ${excerpt(contentType, 120)} is not supported`
  throw refuse(415, 'not-supported', `${found}, supported: ${reads.join(', ')} (FHIR 4.0, UTF-8)`)
}

/** What the head of a request says of its body. */
export interface BodyHead {
  readonly contentType: string | undefined
  readonly encoding: string | undefined
}

/** What a body may be: media types, or any at all. */
export type Readable = readonly [string, ...string[]] | 'any'

/** Whether a media type, whatever its parameters, is one of those given. */
export function isOfType(mediaType: string, types: readonly string[]): boolean {
  return types.includes(mediaTypeOf(mediaType).type)
}
