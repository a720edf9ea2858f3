/** What a store knows against a document: later ones that replace it, add to it or say that it is in error (H-7). */

import { isLater } from './fhir/moment.ts'
import { parseReference, restBase, sameIdentifier } from './fhir/reference.ts'
import {
  isBundle,
  isComposition,
  isObject,
  type Bundle,
  type Composition,
  type FullUrl,
  type Identifier,
  type Json,
  type JsonObject,
} from './fhir/types.ts'
import { escaped, everyMatch } from './matches.ts'
import type { StoreReader, Successor, Version } from './ports.ts'

/** A document, or a Composition on its own, with what it is compared by. */
interface Paper {
  readonly composition: Composition
  /** Of the Composition. */
  readonly url: FullUrl | undefined
  /** Of the Bundle; a Composition on its own has none. */
  readonly identifier?: Identifier | undefined
  readonly timestamp?: string | undefined
}

/**
 * What is stored and says something of a document, the latest first; none where nothing does.
 * @see https://hl7.org/fhir/R4/composition-definitions.html#Composition.relatesTo
 * @throws FhirError where the store cannot be searched: that is no "none"
 */
export async function successorsOf(reader: StoreReader, document: Bundle, base: string): Promise<readonly Successor[]> {
  const paper = paperOf(document, base)
  if (paper === undefined) return []
  const asked = questions(paper, base)
  const found = (
    await Promise.all(asked.map(([type, ...pair]) => everyMatch(reader, { type, parameters: [pair] })))
  ).flat()
  const versions = new Map([...found, ...(await own(reader, paper, base))].map((one) => [`${one.type}/${one.id}`, one]))
  const told = [...versions.values()].flatMap((version) => toldBy(version, paper, base))
  const ofDocuments = new Set(told.flatMap(({ isDocument, url }) => (isDocument && url !== undefined ? [url] : [])))
  return told
    .filter(({ isDocument, url }) => isDocument || url === undefined || !ofDocuments.has(url))
    .map(({ successor }) => successor)
    .sort((one, other) => (one.date === other.date ? 0 : isLater(one.date, other.date) ? -1 : 1))
}

function paperOf(resource: JsonObject, base: string, id?: string): Paper | undefined {
  if (isComposition(resource)) {
    return { composition: resource, url: id === undefined ? undefined : `${base}/Composition/${id}` }
  }
  const first = isBundle(resource) && resource.type === 'document' ? resource.entry?.[0] : undefined
  if (!isBundle(resource) || !isComposition(first?.resource)) return undefined
  const { identifier, timestamp } = resource
  return { composition: first.resource, url: textOf(first.fullUrl), identifier, timestamp: textOf(timestamp) }
}

/** A document that is judged may have anything anywhere. */
function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

type Question = readonly [type: string, name: string, value: string]

/** The searches that find whatever may say something of a document. */
function questions({ composition, url, identifier }: Paper, base: string): readonly Question[] {
  const parsed = parseReference(url ?? '')
  const target = parsed.form === 'rest' || parsed.form === 'uri' ? parsed.url : undefined
  const address = target?.startsWith(`${base}/`) === true ? target.slice(base.length + 1) : target
  const asked = [
    ['related-id', textOf(identifier?.value)],
    ['related-ref', address],
    ['identifier', textOf(composition.identifier?.value)],
  ] as const
  const ofBoth = asked.flatMap(([name, value]): readonly Question[] =>
    value === undefined
      ? []
      : [
          ['Bundle', `composition.${name}`, escaped(value)],
          ['Composition', name, escaped(value)],
        ],
  )
  const isOurs = parsed.form === 'rest' && parsed.base === base && parsed.type === 'Composition'
  const series: readonly Question[] = isOurs ? [['Bundle', 'composition', `Composition/${parsed.id}`]] : []
  return [...ofBoth, ...series]
}

/** The Composition that a document was made from, as it is now. */
async function own(reader: StoreReader, { url }: Paper, base: string): Promise<readonly Version[]> {
  const parsed = parseReference(url ?? '')
  if (parsed.form !== 'rest' || parsed.base !== base || parsed.type !== 'Composition') return []
  const [version] = await reader.read([{ type: parsed.type, id: parsed.id }])
  return version === undefined ? [] : [version]
}

interface Told {
  readonly successor: Successor
  readonly isDocument: boolean
  readonly url: FullUrl | undefined
}

function toldBy({ type, id, resource }: Version, paper: Paper, base: string): readonly Told[] {
  const other = resource === undefined ? undefined : paperOf(resource, base, id)
  const relation = other && relationOf(other, paper)
  if (other === undefined || relation === undefined) return []
  const reference = `${type}/${id}`
  const { composition, identifier, timestamp } = other
  const value = textOf((identifier ?? composition.identifier)?.value)
  const date = timestamp ?? textOf(composition.date) ?? ''
  const successor = { relation, reference, identifier: value ?? reference, date }
  return [{ successor, isDocument: type === 'Bundle', url: other.url }]
}

/** A Composition that is still being written replaces nothing yet; a document of it does. */
const UNFINISHED: ReadonlySet<string> = new Set(['preliminary', 'registered', 'partial'])

function relationOf(other: Paper, paper: Paper): Successor['relation'] | undefined {
  const { composition, identifier } = other
  if (identifier !== undefined && paper.identifier !== undefined && sameIdentifier(identifier, paper.identifier))
    return undefined
  if (identifier === undefined && UNFINISHED.has(composition.status ?? '')) return undefined
  const isError = composition.status === 'entered-in-error'
  const said = relations(other).find(({ target }) => isMeant(target, other, paper))?.code
  if (said !== undefined) return isError && said === 'replaces' ? 'entered-in-error' : said
  if (!isSameSeries(other, paper)) return undefined
  if (isError) return paper.composition.status === 'entered-in-error' ? undefined : 'entered-in-error'
  const isNewer = identifier !== undefined && isLater(other.timestamp ?? '', paper.timestamp ?? '')
  return isNewer ? 'later' : undefined
}

interface Relation {
  readonly code: 'replaces' | 'appends' | 'transforms'
  readonly target: JsonObject
}

function relations({ composition: { relatesTo } }: Paper): readonly Relation[] {
  const rows = Array.isArray(relatesTo) ? (relatesTo as readonly JsonObject[]).filter(isObject) : []
  return rows.flatMap((row) => {
    const { code } = row
    return code === 'replaces' || code === 'appends' || code === 'transforms' ? [{ code, target: row }] : []
  })
}

/** Whether a relation names a document: by the identifier of the Bundle, or by its Composition (L-7). */
function isMeant({ targetIdentifier, targetReference }: JsonObject, other: Paper, paper: Paper): boolean {
  if (isObject(targetIdentifier)) return isSame(targetIdentifier, paper.identifier)
  const reference = isObject(targetReference) ? targetReference['reference'] : undefined
  if (typeof reference !== 'string' || paper.url === undefined) return false
  const parsed = parseReference(reference)
  if (parsed.form === 'rest' || parsed.form === 'uri') return parsed.url === paper.url
  return parsed.form === 'relative' && `${restBase(other.url) ?? ''}/${parsed.type}/${parsed.id}` === paper.url
}

/** Some leave out the system: an identifier that may be meant is taken as meant. */
function isSame({ system, value }: Identifier, identifier: Identifier | undefined): boolean {
  if (value === undefined || value !== identifier?.value) return false
  return system === undefined || identifier.system === undefined || system === identifier.system
}

/** Documents of one Composition, or of one Composition.identifier, which is the same in all of them (ID-2). */
function isSameSeries({ composition, url }: Paper, paper: Paper): boolean {
  if (url !== undefined && url === paper.url) return true
  const [one, other] = [composition.identifier, paper.composition.identifier]
  return one !== undefined && other !== undefined && sameIdentifier(one, other)
}
