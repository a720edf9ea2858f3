/** 2 check: narrative and data say the same, as far as that can be told without doubt. @see https://hl7.org/fhir/R4/narrative.html */

import { onceFor } from '../fhir/memo.ts'
import type { IndexedEntry } from '../fhir/reference.ts'
import type { Expression } from '../fhir/types.ts'
import { placed } from '../fhir/walk.ts'
import {
  amountsIn,
  codesIn,
  isCodeSaid,
  isSaid,
  namesOf,
  saidBy,
  textOf,
  traitsOf,
  unitsOf,
  type Amount,
  type Names,
} from './agreement-data.ts'
import { brokenTextLinks } from './agreement-links.ts'
import type { ReadNarrative } from './narrative-read.ts'
import { onceForOutline } from './outline.ts'
import type { Content, DocumentRule, ElementRule, Subject } from './rule.ts'
import {
  contentsIn,
  entriesIn,
  narrativesOf,
  reachable,
  sectionTexts,
  type Listed,
  type Places,
  type SectionText,
} from './section-texts.ts'
import { atSpots } from './spots.ts'
import { resourceExpression } from './subject.ts'

const NARRATIVE = 'https://hl7.org/fhir/R4/narrative.html'
const SECTION = 'https://hl7.org/fhir/R4/composition-definitions.html#Composition.section.text'

/** So many differences are told of one narrative. */
const maxTexts = 5

const saidOf = onceFor(({ resource }: Content) => saidBy(resource))
const names = onceFor(({ resource }: Content) => namesOf(resource))
const traitsOfNames = onceFor(({ texts, displays }: Names) => [...texts, ...displays].flatMap(traitsOf))
const traitsOfText = onceFor((narrative: ReadNarrative) => new Set(traitsOf(textOf(narrative))))

/**
 * Entries that no word of the narrative names, in sections whose narrative names others. Displays are taken for the
 * language of the document only where that is English.
 */
const untoldEntries = atSpots(sectionTexts, (section, document) => {
  const { entries, expression, near: at } = section
  const narrative = narrativesOf(document)[section.narrative]
  if (narrative === undefined || entries.length === 0) return { findings: [], at }
  const untold = untoldIn(narrative, entries, document)
  const findings = entriesIn(document, untold.slice(0, maxTexts)).map((entry) => ({
    expression,
    text: `The narrative of the section names nothing of ${resourceExpression(entry)}, which the section lists, expected each entry in the text that is attested`,
  }))
  return { findings, at }
})

function untoldIn(narrative: ReadNarrative, entries: readonly Listed[], document: Subject): Places {
  const isEnglish = /^en\b/.test(String(document.composition?.resource.language ?? ''))
  const traits = traitsOfText(narrative)
  const isTold = (all: readonly Names[]): boolean =>
    all.some((own) => traitsOfNames(own).some((trait) => traits.has(trait)))
  const isKnown = ({ texts, displays }: Names): boolean => texts.length > 0 || (isEnglish && displays.length > 0)
  const isNamed = (all: readonly Names[]): boolean => all.some((own) => isKnown(own) && traitsOfNames(own).length > 0)
  const named = entries
    .map(({ place, referred }) => {
      const own = contentsIn(document, [place]).map(names)
      // what is told by its own names need not be looked for by others
      return { place, names: isNamed(own) && isTold(own) ? own : contentsIn(document, [place, ...referred]).map(names) }
    })
    .filter((one) => isNamed(one.names))
  const untold = named.filter(({ names: own }) => !isTold(own))
  return untold.length === named.length ? [] : untold.map(({ place }) => place)
}

/** A place where a narrative may stand that was generated, and what it was generated from. */
interface Told {
  readonly sources: Places
  /** Of the text of a section; absent where it is that of the one source. */
  readonly section?: SectionText
}

/** The sections with a generated text, and the resources other than the Composition. */
function toldPlaces(document: Subject): readonly Told[] {
  return onceForOutline(document.outline, toldPlaces, () => [
    ...sectionTexts(document)
      .filter(({ status, sources }) => status === 'generated' && sources.length > 0)
      .map((section) => ({ sources: section.sources, section })),
    ...document.index.entries.flatMap((entry, place) =>
      entry === document.composition?.entry ? [] : [{ sources: [place] }],
    ),
  ])
}

/** What the generated narratives of sections and resources say that the data which they were generated from, and around it, does not. */
const unfounded = atSpots(toldPlaces, ({ sources, section }, document) => {
  const [first] = entriesIn(document, sources)
  const told = section === undefined ? first && generatedIn(first, document) : textOfSection(section, document)
  if (told === undefined || !dataTextOf(told.narrative).hasDigits) return { findings: [], at: sources }
  const at = reachable(sources, document)
  const what = unfoundedIn(told.narrative, contentsIn(document, at))
  const places = entriesIn(document, sources.slice(0, 3)).map(resourceExpression).join(', ')
  const findings = what.map((one) => ({
    expression: told.expression,
    text: `The generated narrative says ${one}, which is nowhere in the data that it was generated from (${places}${sources.length > 3 ? ' …' : ''})`,
  }))
  return { findings, at }
})

/** A narrative with its place. */
interface PlacedNarrative {
  readonly narrative: ReadNarrative
  readonly expression: Expression
}

function textOfSection({ narrative: at, expression }: SectionText, document: Subject): PlacedNarrative | undefined {
  const narrative = narrativesOf(document)[at]
  return narrative && { narrative, expression: `${expression}.text.div` }
}

/** The generated narrative of a resource that is about something. */
function generatedIn(entry: IndexedEntry, document: Subject): PlacedNarrative | undefined {
  const content = document.contentOf(entry)
  const [narrative] = content.narratives
  if (narrative === undefined || content.resource.text?.status !== 'generated' || isUnnamed(names(content)))
    return undefined
  return { narrative, expression: placed(narrative.expression, resourceExpression(entry)) }
}

/** Of who acted and where, numbers are addresses and identifiers. */
function isUnnamed({ texts, displays }: Names): boolean {
  return texts.length + displays.length === 0
}

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
  const codes = codesOf(narrative).filter((code) => !isCodeSaid(code, all))
  const amounts = amountsOf(narrative)(unitsOf(all)).filter((amount) => !isSaid(amount, all))
  return [...codes, ...new Set(amounts.map((amount) => amount.text))].slice(0, maxTexts)
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
    looks: 'document',
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
    looks: 'document',
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
    looks: 'document',
    broken: unfounded,
  },
]
