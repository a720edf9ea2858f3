/** Extensions that tie narrative and data together, and where they point to. @see https://hl7.org/fhir/extensions/StructureDefinition-textLink.html */

import { onceFor } from '../fhir/memo.ts'
import { resolve, type IndexedEntry } from '../fhir/reference.ts'
import { isObject, type Expression, type Json, type JsonObject } from '../fhir/types.ts'
import { placed, SELF } from '../fhir/walk.ts'
import { idsOf } from './narrative-links.ts'
import type { Content, Finding, Subject } from './rule.ts'
import { resourceExpression } from './subject.ts'

const DEFINITIONS = 'http://hl7.org/fhir/StructureDefinition/'

/** An extension and its place in its resource. */
interface Placed {
  readonly extension: JsonObject
  readonly expression: Expression
}

/** The extensions of a resource that link narrative and data. */
const linksIn = onceFor(({ resource }: Content) => {
  const links: Placed[] = []
  addLinks(resource, SELF, links)
  return links
})

const LINKS: ReadonlySet<unknown> = new Set(
  ['textLink', 'narrativeLink', 'originalText'].map((name) => DEFINITIONS + name),
)

function addLinks(value: Json | undefined, expression: Expression, links: Placed[]): void {
  if (Array.isArray(value)) {
    for (const [index, item] of (value as readonly Json[]).entries())
      if (typeof item === 'object') addLinks(item, `${expression}[${index}]`, links)
  } else if (isObject(value)) {
    if (LINKS.has(value['url'])) links.push({ extension: value, expression })
    else
      for (const name of Object.keys(value))
        if (typeof value[name] === 'object') addLinks(value[name], `${expression}.${name.replace(/^_/, '')}`, links)
  }
}

/** Links that lead nowhere: to an id that no narrative has, or from one, or to data that is not there. */
export function brokenTextLinks(document: Subject): readonly Finding[] {
  const findings: Finding[] = []
  for (const entry of document.index.entries) {
    for (const { extension, expression } of linksIn(document.contentOf(entry))) {
      for (const text of faultsOf(extension, entry, document))
        findings.push({ expression: placed(expression, resourceExpression(entry)), text })
    }
  }
  return findings
}

function faultsOf(extension: JsonObject, entry: IndexedEntry, document: Subject): readonly string[] {
  const { url, valueUrl, valueUri, valueString } = extension
  if (url === `${DEFINITIONS}textLink`) return textLinkFaults(extension, entry, document)
  const address = [valueUrl, valueUri, valueString].find((one) => typeof one === 'string' && isAddress(one))
  return typeof address === 'string' && !leadsTo(address, entry, document, narrativeIds)
    ? [`The link ${address} leads to no part of a narrative of the document, expected the id of one`]
    : []
}

/** An original text may be text as well. */
function isAddress(text: string): boolean {
  return /^\S*#\S+$/.test(text)
}

function textLinkFaults({ extension: parts }: JsonObject, entry: IndexedEntry, document: Subject): readonly string[] {
  return (Array.isArray(parts) ? (parts as readonly Json[]).filter(isObject) : []).flatMap(
    ({ url, valueString, valueUri }) => {
      if (url === 'htmlid' && typeof valueString === 'string')
        return leadsTo(`#${valueString}`, entry, document, narrativeIds)
          ? []
          : [`The id ${valueString} is in no narrative of the resource, expected that of an element`]
      if (url === 'data' && typeof valueUri === 'string' && !/^https?:\/\/[^#]*$/.test(valueUri))
        return leadsTo(valueUri, entry, document, elementIds)
          ? []
          : [`The data ${valueUri} is not in the document, expected the id of an element, or an entry`]
      return []
    },
  )
}

type Ids = (content: Content) => ReadonlySet<string>

/** Whether an address (`#id`, `Type/id#id`, `urn:uuid:…#id`, or without a fragment) has its end in the document. */
function leadsTo(address: string, entry: IndexedEntry, document: Subject, idsIn: Ids): boolean {
  const [whole = '', id] = address.split('#')
  const resolution =
    whole === ''
      ? undefined
      : resolve(document.index, whole, { fullUrl: entry.entry.fullUrl, container: entry.resource })
  const target = whole === '' ? entry : resolution?.outcome === 'entry' ? resolution.entry : undefined
  if (target === undefined) return false
  return id === undefined || idsIn(document.contentOf(target)).has(id)
}

const narrativeIds = onceFor(({ narratives }: Content): ReadonlySet<string> => new Set(narratives.flatMap(idsOf)))
/** The ids of elements and contained resources. */
const elementIds = onceFor(({ resource }: Content): ReadonlySet<string> => new Set(idsBelow(resource)))

function idsBelow(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(idsBelow)
  if (!isObject(value)) return []
  const own = typeof value['id'] === 'string' ? [value['id']] : []
  return [...own, ...Object.values(value).flatMap((member) => (typeof member === 'object' ? idsBelow(member) : []))]
}
