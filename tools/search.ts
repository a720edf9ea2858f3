/** The search parameters that the build keeps: of the published definitions what indexing and searching need. */

import { createHash } from 'node:crypto'
import type { Component, Parameter, ParameterType, SearchDefinitions } from '../src/edge/store/search/definitions.ts'
import { topLevel } from '../src/edge/store/search/expression-text.ts'
import type { Bindings } from '../src/fhir/definitions.ts'
import type { Json, JsonObject, Resource } from '../src/fhir/types.ts'

const TYPES: ReadonlySet<unknown> = new Set<ParameterType>([
  'token',
  'string',
  'reference',
  'date',
  'number',
  'quantity',
  'uri',
  'composite',
])

/** What the published text gets wrong or leaves out; a row that no longer matches stops the build. */
interface Erratum {
  readonly url: string
  readonly published: string
  readonly corrected: string
}

const errata: readonly Erratum[] = [
  // Sections nest, and their entries are the document's as much as those of the first level.
  {
    url: 'http://hl7.org/fhir/SearchParameter/Composition-entry',
    published: 'Composition.section.entry',
    corrected: 'Composition.repeat(section).entry',
  },
  // hasExtension() is no function of FHIRPath.
  {
    url: 'http://hl7.org/fhir/SearchParameter/questionnaireresponse-extensions-QuestionnaireResponse-item-subject',
    published:
      "QuestionnaireResponse.item.where(hasExtension('http://hl7.org/fhir/StructureDefinition/questionnaireresponse-isSubject')).answer.value.ofType(Reference)",
    corrected:
      "QuestionnaireResponse.repeat(item).where(extension('http://hl7.org/fhir/StructureDefinition/questionnaireresponse-isSubject').exists()).answer.value.ofType(Reference)",
  },
]

/** The parts of DocumentReference?relationship name each other's definition. */
const SWAPPED = 'http://hl7.org/fhir/SearchParameter/DocumentReference-relationship'

/** Published to show how a definition is written, not to be searched by. */
const EXAMPLES = /\/example(?:-extension|-reference)?$/

/** The compact definitions. @throws TypeError where an erratum matches nothing, or a part of a composite names no definition */
export function searchDefinitions(published: readonly Resource[], bindings: Bindings): SearchDefinitions {
  const types: Record<string, Record<string, Parameter>> = {}
  const byUrl = new Map(published.map((one) => [text(one['url']), one]))
  const corrected = new Set<Erratum>()
  for (const one of published) {
    const { url, code, type, base } = one
    if (!TYPES.has(type) || EXAMPLES.test(text(url)) || !Array.isArray(base) || typeof code !== 'string') continue
    const expression = correct(one, corrected)
    for (const owner of base as readonly string[]) {
      const own = expressionFor(expression, owner)
      if (own === '') continue
      const components = type === 'composite' ? componentsOf(one, byUrl) : undefined
      const target = one['target'] as readonly string[] | undefined
      const members = (types[owner] ??= {})
      members[code] = {
        type: type as ParameterType,
        expression: own,
        ...(target !== undefined && { target }),
        ...(components !== undefined && { components }),
        url: text(url),
      }
    }
  }
  const idle = errata.find((erratum) => !corrected.has(erratum))
  if (idle !== undefined) throw new TypeError(`The erratum of ${idle.url} matches nothing`)
  const content = { types, systems: systems(bindings) }
  return { digest: createHash('sha256').update(JSON.stringify(content)).digest('hex'), ...content }
}

function correct(one: Resource, corrected: Set<Erratum>): string {
  const erratum = errata.find(({ url, published }) => url === one['url'] && published === one['expression'])
  if (erratum === undefined) return text(one['expression'])
  corrected.add(erratum)
  return erratum.corrected
}

/** Of a union over many types, the terms that begin with the type, or with none. */
function expressionFor(expression: string, type: string): string {
  const terms = topLevel(expression, '|').map((term) => term.trim())
  const root = (term: string): string | undefined => /^\(?([A-Z][A-Za-z]*)\b/.exec(term)?.[1]
  return terms.filter((term) => term !== '' && (root(term) === undefined || root(term) === type)).join(' | ')
}

function componentsOf(one: Resource, byUrl: ReadonlyMap<string, Resource>): readonly Component[] {
  const rows = (one['component'] as readonly JsonObject[]).map(({ definition, expression }) => ({
    expression: text(expression),
    definition: text(definition),
  }))
  const definitions = rows.map(({ definition }) => definition)
  if (one['url'] === SWAPPED) definitions.reverse()
  return rows.map(({ expression }, index) => {
    const definition = byUrl.get(definitions[index] ?? '')
    if (definition === undefined) throw new TypeError(`${text(one['url'])} has a part without definition`)
    return { type: definition['type'] as ParameterType, code: text(definition['code']), expression }
  })
}

/** Where a required binding takes all its codes from one system. */
function systems({ elements, valueSets }: Bindings): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const [path, valueSet] of Object.entries(elements)) {
    const [system, another] = Object.keys(valueSets[valueSet] ?? {})
    if (system !== undefined && another === undefined) found[path] = system
  }
  return found
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
