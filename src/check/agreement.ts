/** 2 check: narrative and data say the same, as far as that can be told without doubt. @see https://hl7.org/fhir/R4/narrative.html */

import type { IndexedEntry } from '../fhir/reference.ts'
import type { Expression, JsonObject } from '../fhir/types.ts'
import { isObject } from '../fhir/types.ts'
import { placed } from '../fhir/walk.ts'
import {
  amountsSaid,
  amountsIn,
  codesIn,
  isCodeSaid,
  isSaid,
  namesOf,
  onceFor,
  saidBy,
  textOf,
  traitsOf,
  type Amount,
  type Names,
} from './agreement-data.ts'
import { brokenTextLinks } from './agreement-links.ts'
import type { ReadNarrative } from './narrative-read.ts'
import type { Content, DocumentRule, ElementRule, Finding, Subject } from './rule.ts'
import { resourceExpression } from './subject.ts'

const NARRATIVE = 'https://hl7.org/fhir/R4/narrative.html'
const SECTION = 'https://hl7.org/fhir/R4/composition-definitions.html#Composition.section.text'

/** So many differences are told of one narrative. */
const maxTexts = 5
/** So far from an entry lies what its narrative may speak of. */
const maxSteps = 3

const saidOf = onceFor(({ resource }: Content) => saidBy(resource))
const names = onceFor(({ resource }: Content) => namesOf(resource))
const traitsOfNames = onceFor(({ texts, displays }: Names) => [...texts, ...displays].flatMap(traitsOf))
const traitsOfText = onceFor((narrative: ReadNarrative) => new Set(traitsOf(textOf(narrative))))

/** A section of the Composition with its narrative and the entries that it lists. */
interface SectionText {
  readonly narrative: ReadNarrative
  readonly expression: Expression
  readonly status: unknown
  readonly entries: readonly IndexedEntry[]
  /** With those of the sections within it, which its text may tell too. */
  readonly told: readonly IndexedEntry[]
}

/** Several rules ask for them. */
const sectionTexts = onceFor(sectionTextsOf)

function sectionTextsOf(document: Subject): readonly SectionText[] {
  const { composition } = document
  if (composition === undefined) return []
  const entriesAt = Map.groupBy(
    document.linksFrom(composition.entry).flatMap(({ occurrence, named }) => {
      const { node } = occurrence
      return node.name === 'entry' && node.parent?.name === 'section'
        ? named.map((entry) => [node.parent?.value, entry] as const)
        : []
    }),
    ([section]) => section,
  )
  const byPlace = new Map(
    document
      .contentOf(composition.entry)
      .narratives.map((one) => [placed(one.expression, composition.expression), one]),
  )
  const look = (sections: unknown, above: Expression): readonly SectionText[] =>
    (Array.isArray(sections) ? (sections as readonly JsonObject[]) : []).flatMap((section, index) => {
      if (!isObject(section)) return []
      const expression = `${above}.section[${index}]`
      const narrative = byPlace.get(`${expression}.text.div`)
      const { status } = isObject(section['text']) ? section['text'] : {}
      const entries = (entriesAt.get(section) ?? []).map(([, entry]) => entry)
      const below = look(section['section'], expression)
      const told = [...entries, ...below.flatMap((one) => one.told)]
      return [...(narrative === undefined ? [] : [{ narrative, expression, status, entries, told }]), ...below]
    })
  return look(composition.resource.section, composition.expression)
}

/** What an entry is called, by itself and by what it refers to. */
function namesAround(entry: IndexedEntry, document: Subject): readonly Names[] {
  const referred = document
    .linksFrom(entry)
    .flatMap(({ occurrence, named }) => (TOLD_BY.test(occurrence.node.name) ? named : []))
  return [entry, ...referred].map((one) => names(document.contentOf(one)))
}

/** References to what a resource is about. */
const TOLD_BY = /^(?:medication|device|result|target|hasMember)/

/**
 * Entries that no word of the narrative names, in sections whose narrative names others. Displays are taken for the
 * language of the document only where that is English.
 */
function untoldEntries(document: Subject): readonly Finding[] {
  const isEnglish = /^en\b/.test(String(document.composition?.resource.language ?? ''))
  return sectionTexts(document).flatMap(({ narrative, expression, entries }) => {
    const traits = traitsOfText(narrative)
    const isTold = (all: readonly Names[]): boolean =>
      all.some((own) => traitsOfNames(own).some((trait) => traits.has(trait)))
    const isKnown = ({ texts, displays }: Names): boolean => texts.length > 0 || (isEnglish && displays.length > 0)
    const isNamed = (all: readonly Names[]): boolean => all.some((own) => isKnown(own) && traitsOfNames(own).length > 0)
    const named = entries
      .map((entry) => {
        const own = [names(document.contentOf(entry))]
        // what is told by its own names need not be looked for by others
        return { entry, names: isNamed(own) && isTold(own) ? own : namesAround(entry, document) }
      })
      .filter((one) => isNamed(one.names))
    const untold = named.filter(({ names: own }) => !isTold(own))
    if (untold.length === 0 || untold.length === named.length) return []
    return untold.slice(0, maxTexts).map(({ entry }) => ({
      expression,
      text: `The narrative of the section names nothing of ${resourceExpression(entry)}, which the section lists, expected each entry in the text that is attested`,
    }))
  })
}

/** What the generated narratives of sections and resources say that no data says. */
function unfounded(document: Subject): readonly Finding[] {
  const { composition } = document
  const ofSections = sectionTexts(document)
    .filter(({ status, told }) => status === 'generated' && told.length > 0)
    .flatMap(({ narrative, expression, told }) =>
      differences(
        narrative,
        `${expression}.text.div`,
        [...told, ...(composition === undefined ? [] : [composition.entry])],
        document,
      ),
    )
  const ofResources = document.index.entries.flatMap((entry) => {
    if (entry === composition?.entry || entry.resource.text?.status !== 'generated') return []
    const [narrative] = document.contentOf(entry).narratives
    if (narrative === undefined || isUnnamed(names(document.contentOf(entry)))) return []
    return differences(narrative, placed(narrative.expression, resourceExpression(entry)), [entry], document)
  })
  return [...ofSections, ...ofResources]
}

/** Of who acted and where, numbers are addresses and identifiers. */
function isUnnamed({ texts, displays }: Names): boolean {
  return texts.length + displays.length === 0
}

function differences(
  narrative: ReadNarrative,
  expression: Expression,
  sources: readonly IndexedEntry[],
  document: Subject,
): readonly Finding[] {
  if (!dataTextOf(narrative).hasDigits) return []
  const around = reachable(sources, document).map(document.contentOf)
  const known = judged.get(narrative)
  const isSame = known?.around.length === around.length && known.around.every((one, at) => one === around[at])
  const what = isSame ? known.what : unfoundedIn(narrative, around)
  if (!isSame) judged.set(narrative, { around, what })
  if (what.length === 0) return []
  const places = sources.slice(0, 3).map(resourceExpression).join(', ')
  return what.map((one) => ({
    expression,
    text: `The generated narrative says ${one}, which is nowhere in the data that it was generated from (${places}${sources.length > 3 ? ' …' : ''})`,
  }))
}

/** Of a narrative, the data that it was last compared with and what came of it. */
const judged = new WeakMap<ReadNarrative, { readonly around: readonly Content[]; readonly what: readonly string[] }>()

const dataTextOf = onceFor((narrative: ReadNarrative) => {
  const text = textOf(narrative, 'data')
  return { text, hasDigits: /\d/.test(text) }
})
const codesOf = onceFor((narrative: ReadNarrative) => codesIn(dataTextOf(narrative).text))
const amountsOf = onceFor(amountsByUnits)

/** The amounts of a narrative by the units that are looked for: the data around it changes more often than these. */
function amountsByUnits(narrative: ReadNarrative): (units: ReadonlySet<string>) => readonly Amount[] {
  let last = ''
  let found: readonly Amount[] = []
  return (units) => {
    const key = JSON.stringify([...units])
    if (key !== last) found = amountsIn(dataTextOf(narrative).text, units)
    last = key
    return found
  }
}

/** The codes and amounts of a narrative that no data says. */
function unfoundedIn(narrative: ReadNarrative, around: readonly Content[]): readonly string[] {
  const all = around.map(saidOf)
  const said = amountsSaid(all)
  const codes = codesOf(narrative).filter((code) => !isCodeSaid(code, all))
  const amounts = amountsOf(narrative)(said.units).filter((amount) => !isSaid(amount, said))
  return [...codes, ...new Set(amounts.map((amount) => amount.text))].slice(0, maxTexts)
}

/** Entries and what they refer to, some steps far; never from a patient on, who is linked with all. */
function reachable(sources: readonly IndexedEntry[], document: Subject): readonly IndexedEntry[] {
  const found = new Set(sources)
  let edge: readonly IndexedEntry[] = sources.filter((entry) => entry !== document.composition?.entry)
  for (let step = 0; step < maxSteps && edge.length > 0; step += 1) {
    const next: IndexedEntry[] = []
    for (const { named } of edge.flatMap(document.linksFrom)) {
      for (const entry of named) {
        if (found.has(entry)) continue
        found.add(entry)
        next.push(entry)
      }
    }
    edge = next
  }
  return [...found]
}

/** Narrative and data, a row each. */
export const agreementRules: readonly (DocumentRule | ElementRule)[] = [
  {
    id: 'text-link',
    severity: 'warning',
    blocks: false,
    code: 'not-found',
    scope: 'resource',
    human: 'A link between narrative and data has both of its ends in the document',
    source: 'https://hl7.org/fhir/extensions/StructureDefinition-textLink.html',
    broken: brokenTextLinks,
  },
  {
    id: 'entry-in-text',
    severity: 'warning',
    blocks: false,
    code: 'business-rule',
    scope: 'resource',
    human: 'The narrative of a section names each entry that the section lists',
    source: SECTION,
    broken: untoldEntries,
  },
  {
    id: 'text-from-data',
    severity: 'warning',
    blocks: false,
    code: 'business-rule',
    scope: 'resource',
    human: 'A narrative that was generated says no code and no amount that its data does not say',
    source: `${NARRATIVE}#status`,
    broken: unfounded,
  },
]
