/**
 * Code of ours for the expressions that are asked most often, by their text. A property test holds it equal to FHIRPath.
 */

import { onceFor } from '../fhir/memo.ts'
import type { Model } from '../fhir/model.ts'
import { isObject, isResource, type Json, type JsonObject, type Resource } from '../fhir/types.ts'
import { walk, type Node } from '../fhir/walk.ts'

/** Whether an element keeps the expression; undefined leaves it to FHIRPath. */
export type OwnExpression = (node: Node, model: Model) => boolean | undefined

/** A row for expressions about the members of an object. */
function ofObject(keeps: (object: JsonObject, node: Node, model: Model) => boolean | undefined): OwnExpression {
  return (node, model) => (isObject(node.value) ? keeps(node.value, node, model) : undefined)
}

/** Whether a member is there: its value, or the id and extensions beside a primitive. */
function exists(object: JsonObject, name: string): boolean {
  return isThere(object[name]) || isThere(object[`_${name}`])
}

function isThere(value: Json | undefined): boolean {
  return Array.isArray(value) ? value.some((item) => item !== null) : value !== undefined && value !== null
}

/** Whether one of the types of a choice is there. */
function existsChoice(object: JsonObject, stem: string): boolean {
  return Object.keys(object).some(
    (name) => (name.startsWith(stem) || name.startsWith(`_${stem}`)) && isThere(object[name]),
  )
}

function items(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : value === undefined || value === null ? [] : [value]
}

function containedOf(resource: JsonObject): readonly JsonObject[] {
  return items(resource['contained']).filter(isObject)
}

/** One of two is absent, or both are: the commonest form of an invariant. */
function either(one: string, other: string): OwnExpression {
  return ofObject((object) => !exists(object, one) || !exists(object, other))
}

/** What the first needs is there. */
function needs(one: string, other: string): OwnExpression {
  return ofObject((object) => !exists(object, one) || exists(object, other))
}

function anyOf(...names: readonly string[]): OwnExpression {
  return ofObject((object) => names.some((name) => exists(object, name)))
}

/** Every contained resource keeps something. */
function eachContained(keeps: (contained: JsonObject) => boolean): OwnExpression {
  return ofObject((resource) => containedOf(resource).every(keeps))
}

function metaLacks(...names: readonly string[]): (contained: JsonObject) => boolean {
  return ({ meta }) => !isObject(meta) || !names.some((name) => exists(meta, name))
}

const LINKING = new Set(['canonical', 'uri', 'url'])

/** The addresses of images and links in a narrative that are ids: FHIRPath does not look there, readers do. */
const NARRATIVE_ID = /\b(?:src|href)\s*=\s*["'](#[^"']+)["']/g

/** Every contained resource is named from somewhere in the resource, or names its container. */
function allNamed(value: JsonObject, model: Model): boolean {
  const contained = containedOf(value)
  if (contained.length === 0 || !isResource(value)) return true
  const named = new Set<string>()
  const naming = new Set<Resource>()
  walk(value, model, ({ value: found, type, name, parent, resource }) => {
    const isLink =
      typeof found === 'string' &&
      ((type !== undefined && LINKING.has(type)) || (name === 'reference' && parent !== undefined))
    if (type === 'xhtml' && typeof found === 'string')
      for (const [, id = ''] of found.matchAll(NARRATIVE_ID)) named.add(id)
    if (!isLink) return
    named.add(found)
    if (found === '#' && type !== 'url') naming.add(resource)
  })
  return contained.every(
    (one) => (typeof one['id'] === 'string' && named.has(`#${one['id']}`)) || naming.has(one as Resource),
  )
}

const REQUESTS = new Set<Json | undefined>(['batch', 'transaction', 'history'])
const RESPONSES = new Set<Json | undefined>(['batch-response', 'transaction-response', 'history'])

/** Every entry has the member where the type of the Bundle asks for it, and none else. */
function inEntries(name: string, types: ReadonlySet<Json | undefined>): OwnExpression {
  return ofObject((bundle) => {
    if (typeof bundle['type'] !== 'string') return undefined
    const asked = types.has(bundle['type'])
    return items(bundle['entry']).every((entry) => isObject(entry) && exists(entry, name) === asked)
  })
}

function distinctFullUrls(bundle: JsonObject): boolean | undefined {
  if (bundle['type'] === 'history') return true
  const seen = new Set<string>()
  for (const entry of items(bundle['entry'])) {
    if (!isObject(entry)) return undefined
    const { fullUrl, _fullUrl, resource } = entry
    if (_fullUrl !== undefined) return undefined
    if (fullUrl === undefined) continue
    const versionId = isObject(resource) ? (resource as Resource).meta?.versionId : undefined
    if (typeof fullUrl !== 'string' || (versionId !== undefined && typeof versionId !== 'string')) return undefined
    const key = fullUrl + (versionId ?? '')
    if (seen.has(key)) return false
    seen.add(key)
  }
  return true
}

/** Dates of the same precision compare as text; of others FHIRPath knows the bounds. */
function inOrder({ start, end }: JsonObject): boolean | undefined {
  if (!isThere(start) || !isThere(end)) return true
  const areDates = typeof start === 'string' && typeof end === 'string' && DATE.test(start) && DATE.test(end)
  return areDates && start.length === end.length ? start <= end : undefined
}

const DATE = /^\d{4}(?:-\d\d){0,2}$/

/** An element that is empty says nothing, nor does a primitive that has only an id. */
function hasContent({ value, isShadow, parent, name, index }: Node): boolean | undefined {
  if (!isObject(value)) return undefined
  if (isShadow && isObject(parent?.value)) {
    const beside = parent.value[name]
    if (isThere(Array.isArray(beside) ? (beside as readonly Json[])[index ?? 0] : beside)) return true
  }
  return Object.keys(value).some(
    (member) => isThere(value[member]) && !(isShadow && (member === 'id' || member === '_id')),
  )
}

function localReference({ value, container, resource }: Node): boolean | undefined {
  if (!isObject(value)) return undefined
  const { reference } = value
  // of one that is told as absent nothing is true either
  if (typeof reference !== 'string') return true
  if (!reference.startsWith('#')) return true
  return (reference === '#' && container !== resource) || containedIdsOf(container).has(reference.slice(1))
}

/** By the resource, since as many references may ask as there are contained resources. */
const containedIdsOf = onceFor((container: Resource): ReadonlySet<unknown> => {
  return new Set(containedOf(container).flatMap(({ id }) => (id === undefined ? [] : [id])))
})

function notNegative(name: string): OwnExpression {
  return ofObject((object) => {
    const value = object[name]
    if (typeof value === 'number') return value >= 0
    return exists(object, name) ? undefined : true
  })
}

/** A row for Bundles that say their type. */
function ofType(keeps: (bundle: JsonObject, type: string) => boolean): OwnExpression {
  return ofObject((bundle) => (typeof bundle['type'] === 'string' ? keeps(bundle, bundle['type']) : undefined))
}

/** The first entry of a Bundle of a type holds a resource of a type. */
function firstIs(type: string, resourceType: string): OwnExpression {
  return ofType(({ entry }, own) => {
    const [first] = items(entry)
    return own !== type || (isObject(first) && isResource(first['resource'], resourceType))
  })
}

function hasCode(concept: Json | undefined, code: string): boolean {
  return isObject(concept) && items(concept['coding']).some((one) => isObject(one) && one['code'] === code)
}

export const expressions: Readonly<Record<string, OwnExpression>> = {
  'hasValue() or children().exists()': hasContent,
  'extension.exists() != value.exists()': ofObject(
    (object) => exists(object, 'extension') !== existsChoice(object, 'value'),
  ),
  "reference.hasValue() implies (reference.startsWith('#').not() or (reference.substring(1) in %rootResource.contained.id) or (reference = '#' and %rootResource != %resource))":
    localReference,
  'contained.contained.empty()': eachContained((contained) => !exists(contained, 'contained')),
  "contained.where(((id.exists() and ('#'+id in (%resource.descendants().reference | %resource.descendants().ofType(canonical) | %resource.descendants().ofType(uri) | %resource.descendants().ofType(url)))) or descendants().where(reference = '#').exists() or descendants().where(ofType(canonical) = '#').exists() or descendants().where(ofType(uri) = '#').exists()).not()).empty()":
    ofObject((object, _node, model) => allNamed(object, model)),
  'contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()': eachContained(
    metaLacks('versionId', 'lastUpdated'),
  ),
  'contained.meta.security.empty()': eachContained(metaLacks('security')),
  '%resource != %rootResource or text.`div`.exists()': ofObject(
    (object, { resource, container }) =>
      resource !== container || (isObject(object['text']) && exists(object['text'], 'div')),
  ),
  "(type = 'history') or entry.where(fullUrl.exists()).select(fullUrl&resource.meta.versionId).isDistinct()":
    ofObject(distinctFullUrls),
  "entry.all(request.exists() = (%resource.type = 'batch' or %resource.type = 'transaction' or %resource.type = 'history'))":
    inEntries('request', REQUESTS),
  "entry.all(response.exists() = (%resource.type = 'batch-response' or %resource.type = 'transaction-response' or %resource.type = 'history'))":
    inEntries('response', RESPONSES),
  'resource.exists() or request.exists() or response.exists()': anyOf('resource', 'request', 'response'),
  "fullUrl.exists() implies fullUrl.contains('/_history/').not()": ofObject(({ fullUrl, _fullUrl }) =>
    typeof fullUrl === 'string'
      ? !fullUrl.includes('/_history/')
      : fullUrl === undefined && _fullUrl === undefined
        ? true
        : undefined,
  ),
  'text.exists() or entry.exists() or section.exists()': anyOf('text', 'entry', 'section'),
  'emptyReason.empty() or entry.empty()': either('emptyReason', 'entry'),
  'data.empty() or contentType.exists()': needs('data', 'contentType'),
  'code.empty() or system.exists()': needs('code', 'system'),
  'value.empty() or system.exists()': needs('value', 'system'),
  'comparator.empty()': ofObject((object) => !exists(object, 'comparator')),
  'start.hasValue().not() or end.hasValue().not() or (start <= end)': ofObject(inOrder),
  'low.exists() or high.exists() or text.exists()': anyOf('low', 'high', 'text'),
  'dataAbsentReason.empty() or value.empty()': ofObject(
    (object) => !exists(object, 'dataAbsentReason') || !existsChoice(object, 'value'),
  ),
  'value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()': ofObject(
    (object) => (existsChoice(object, 'value') && exists(object, 'component') ? undefined : true),
  ),
  'name.exists() or telecom.exists() or address.exists() or organization.exists()': anyOf(
    'name',
    'telecom',
    'address',
    'organization',
  ),
  'duration.empty() or durationUnit.exists()': needs('duration', 'durationUnit'),
  'period.empty() or periodUnit.exists()': needs('period', 'periodUnit'),
  'periodMax.empty() or period.exists()': needs('periodMax', 'period'),
  'durationMax.empty() or duration.exists()': needs('durationMax', 'duration'),
  'countMax.empty() or count.exists()': needs('countMax', 'count'),
  'timeOfDay.empty() or when.empty()': either('timeOfDay', 'when'),
  'duration.exists() implies duration >= 0': notNegative('duration'),
  'period.exists() implies period >= 0': notNegative('period'),
  "offset.empty() or (when.exists() and when.select($this in ('C' | 'CM' | 'CD' | 'CV')).allFalse())": ofObject(
    (object) => (exists(object, 'offset') ? undefined : true),
  ),
  "($this is Range).not() or ((low.empty() or ((low.code = '%') and (low.system = %ucum))) and (high.empty() or ((high.code = '%') and (high.system = %ucum))))":
    ({ value }) => (isObject(value) ? undefined : true),
  "entry.search.empty() or (type = 'searchset')": ofType(({ entry }, type) =>
    items(entry).some((one) => isObject(one) && exists(one, 'search')) ? type === 'searchset' : true,
  ),
  "total.empty() or (type = 'searchset') or (type = 'history')": ofType((bundle, type) =>
    exists(bundle, 'total') ? type === 'searchset' || type === 'history' : true,
  ),
  "type = 'document' implies entry.first().resource.is(Composition)": firstIs('document', 'Composition'),
  "type = 'message' implies entry.first().resource.is(MessageHeader)": firstIs('message', 'MessageHeader'),
  "type = 'document' implies (identifier.system.exists() and identifier.value.exists())": ofType(
    ({ identifier }, type) =>
      type !== 'document' || (isObject(identifier) && exists(identifier, 'system') && exists(identifier, 'value')),
  ),
  "type = 'document' implies (timestamp.hasValue())": ofType(
    ({ timestamp }, type) => type !== 'document' || typeof timestamp === 'string',
  ),
  "clinicalStatus.exists() or verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-ver-status' and code = 'entered-in-error').exists() or category.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-category' and code='problem-list-item').empty()":
    ofObject((object) => (exists(object, 'clinicalStatus') ? true : undefined)),
  "abatement.empty() or clinicalStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-clinical' and (code='resolved' or code='remission' or code='inactive')).exists()":
    ofObject((object) => (existsChoice(object, 'abatement') ? undefined : true)),
  "verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-ver-status' and code='entered-in-error').empty() or clinicalStatus.empty()":
    ofObject(({ clinicalStatus, verificationStatus }) =>
      isThere(clinicalStatus) && hasCode(verificationStatus, 'entered-in-error') ? undefined : true,
    ),
  '(identifier.count() + name.count()) > 0': ofObject((object) =>
    isThere(object['identifier']) || isThere(object['name']) ? true : undefined,
  ),
  "where(use = 'home').empty()": ofObject(({ use }) => (typeof use === 'string' ? use !== 'home' : undefined)),
}
