/** 2 check: narrative and data say the same, as far as that can be told without doubt. @see https://hl7.org/fhir/R4/narrative.html */

import { onceFor } from '../fhir/memo.ts'
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
import type { Content, DocumentRule, ElementRule, Finding, Outline, Subject } from './rule.ts'
import {
  areAt,
  contentsIn,
  entriesIn,
  everyPlace,
  narrativesOf,
  reachable,
  sectionTexts,
  type Listed,
  type Places,
} from './section-texts.ts'
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
function untoldEntries(document: Subject): readonly Finding[] {
  const isEnglish = /^en\b/.test(String(document.composition?.resource.language ?? ''))
  const narratives = narrativesOf(document)
  return sectionTexts(document).flatMap(({ narrative: place, expression, entries, near }) => {
    const narrative = narratives[place]
    if (narrative === undefined || entries.length === 0) return []
    const untold = untoldAmong({ narrative, near, document }, () =>
      untoldIn(narrative, { entries, isEnglish, document }),
    )
    return entriesIn(document, untold.slice(0, maxTexts)).map((entry) => ({
      expression,
      text: `The narrative of the section names nothing of ${resourceExpression(entry)}, which the section lists, expected each entry in the text that is attested`,
    }))
  })
}

interface Telling {
  readonly entries: readonly Listed[]
  readonly isEnglish: boolean
  readonly document: Subject
}

const untoldAmong = onceForContents<Places>()

function untoldIn(narrative: ReadNarrative, { entries, isEnglish, document }: Telling): Places {
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

/** A narrative of a document, and the entries that it is compared with. */
interface Comparing {
  readonly narrative: ReadNarrative
  readonly near: Places
  readonly document: Subject
}

/**
 * What is made of a narrative and the contents near it, made again only where the outline is another or another content
 * stands among them.
 */
function onceForContents<Made>(): (comparing: Comparing, make: (contents: readonly Content[]) => Made) => Made {
  interface Known {
    readonly outline: Outline
    readonly contents: readonly Content[]
    readonly made: Made
  }
  // by the narrative and not by the outline, which would hold on to contents that are long gone
  const memo = new WeakMap<ReadNarrative, Known>()
  return ({ narrative, near, document }, make) => {
    const known = memo.get(narrative)
    if (known?.outline === document.outline && areAt(document, near, known.contents)) return known.made
    const contents = contentsIn(document, near)
    const made = make(contents)
    memo.set(narrative, { outline: document.outline, contents, made })
    return made
  }
}

/** What the generated narratives of sections and resources say that no data says. */
function unfounded(document: Subject): readonly Finding[] {
  const { composition } = document
  const narratives = narrativesOf(document)
  const ofSections = sectionTexts(document)
    .filter(({ status, sources }) => status === 'generated' && sources.length > 0)
    .flatMap(({ narrative: place, expression, sources }) => {
      const narrative = narratives[place]
      if (narrative === undefined) return []
      return unfoundedBy(narrative, sources, document).map((text) => ({ expression: `${expression}.text.div`, text }))
    })
  const found = [...ofSections]
  for (const [place, places] of everyPlace(document).entries()) {
    const entry = document.index.entries[place]
    if (entry === undefined || entry === composition?.entry) continue
    const narrative = generatedOf(document.contentOf(entry))
    if (narrative === undefined) continue
    for (const text of unfoundedBy(narrative, places, document))
      found.push({ expression: placed(narrative.expression, resourceExpression(entry)), text })
  }
  return found
}

/** The generated narrative of a resource that is about something. */
const generatedOf = onceFor((content: Content): ReadNarrative | undefined => {
  const [narrative] = content.narratives
  const isGenerated = content.resource.text?.status === 'generated' && !isUnnamed(names(content))
  return isGenerated && narrative !== undefined && dataTextOf(narrative).hasDigits ? narrative : undefined
})

/** Of who acted and where, numbers are addresses and identifiers. */
function isUnnamed({ texts, displays }: Names): boolean {
  return texts.length + displays.length === 0
}

/** What a narrative says that the data at some places, and around them, does not. */
function unfoundedBy(narrative: ReadNarrative, sources: Places, document: Subject): readonly string[] {
  if (!dataTextOf(narrative).hasDigits) return NONE
  const near = reachable(sources, document)
  const what = unfoundedAmong({ narrative, near, document }, (contents) => unfoundedIn(narrative, contents))
  if (what.length === 0) return NONE
  const places = entriesIn(document, sources.slice(0, 3)).map(resourceExpression).join(', ')
  return what.map(
    (one) =>
      `The generated narrative says ${one}, which is nowhere in the data that it was generated from (${places}${sources.length > 3 ? ' …' : ''})`,
  )
}

const NONE: readonly string[] = []

const unfoundedAmong = onceForContents<readonly string[]>()

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
