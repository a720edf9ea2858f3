/** The issues of a document beside its page: grouped by section and entry, each with the place that it is about. */

import { FhirError } from '../fhir/error.ts'
import { isError, type Issue, type Severity } from '../fhir/issue.ts'
import { indexBundle, resolve, type BundleIndex } from '../fhir/reference.ts'
import type { Bundle, Reference, Section } from '../fhir/types.ts'
import { SECTION, sectionId, subjectId, TEXT } from './anchors.ts'
import { chooseLocale, phrasesOf, SOURCE_LANGUAGE, type Phrase } from './locale.ts'
import type { RenderDesign } from './design.ts'
import { compositionOf } from './document.ts'
import { inStyleElement } from './furniture.ts'
import { page } from './page.ts'
import { objects, plainText } from './wording.ts'

/** More issues than these are not listed of one place. */
const MAX_ISSUES = 200

const WORDS: Readonly<Record<Severity, string>> = {
  fatal: 'Fatal',
  error: 'Error',
  warning: 'Warning',
  information: 'Information',
}

interface IssueView {
  readonly severity: Severity
  readonly word: string
  readonly text: string
  readonly expression: string
  readonly rule?: string
  readonly source?: string
  readonly href?: string
}

interface GroupView {
  readonly title: string
  readonly href?: string
  readonly issues: readonly IssueView[]
  readonly more?: number
}

/** A part of the document that issues are told of together. */
interface Part {
  readonly title: string
  /** On the page. */
  readonly id?: string
}

/** The report as a page of its own, XHTML without scripts; where the document cannot be shown, it says why. */
export function issuesPage(bundle: Bundle, issues: readonly Issue[], design: RenderDesign): string {
  const shown = documentIn(bundle, design)
  const { css, body, why } = shown
  const { templates } = design
  const source = chooseLocale(templates.locales, SOURCE_LANGUAGE)
  const phrase: Phrase = phrasesOf(source, source)
  const own = inStyleElement(templates.styles['report/page.css'] ?? '')
  const plain = css === '' ? inStyleElement(templates.styles['style/page.css'] ?? '') : css
  const view = {
    documentTitle: titleOf(bundle),
    css: `${plain}\n${own}`,
    count: counted(issues),
    worst: issues.find(isError)?.severity ?? issues.find(({ severity }) => severity === 'warning')?.severity ?? '',
    groups: groupsOf(bundle, issues, (id) => body.includes(`id="${id}"`)),
    xhtml: body,
    why,
  }
  return templates.render('report/page', view, phrase)
}

interface Shown {
  readonly css: string
  readonly body: string
  readonly why?: string
}

/** The style and the body of the document's page; the words of why there is none. */
function documentIn(bundle: Bundle, design: RenderDesign): Shown {
  try {
    const { xhtml } = page(bundle, { ...design, lang: undefined })
    const [, css = ''] = /<style>([\s\S]*?)<\/style>/.exec(xhtml) ?? []
    const [, body = ''] = /<body[^>]*>([\s\S]*)<\/body>/.exec(xhtml) ?? []
    return { css, body }
  } catch (error) {
    const why = error instanceof FhirError ? error.issues[0].text : 'It is not a document as FHIR defines one'
    return { css: '', body: '', why }
  }
}

function titleOf(bundle: Bundle): string {
  return plainText(compositionOf(bundle)?.composition.title) || 'a Bundle'
}

/** `2 errors, 1 warning`, or that there is nothing. */
function counted(issues: readonly Issue[]): string {
  const parts = (['fatal', 'error', 'warning', 'information'] as const).flatMap((severity) => {
    const count = issues.filter((one) => one.severity === severity).length
    if (count === 0) return []
    return [
      severity === 'error' || severity === 'warning'
        ? `${count} ${severity}${count === 1 ? '' : 's'}`
        : `${count} ${severity}`,
    ]
  })
  return parts.length === 0 ? 'No issue was found' : parts.join(', ')
}

/** In the order of the document: the Bundle, the Composition, its sections, and what no section lists. */
function groupsOf(bundle: Bundle, issues: readonly Issue[], isOnPage: (id: string) => boolean): readonly GroupView[] {
  const partOf = partsOf(bundle)
  const byPart = Map.groupBy(issues, ({ expression = 'Bundle' }) => partOf.find(expression))
  return partOf.all.flatMap((part): readonly GroupView[] => {
    const own = byPart.get(part) ?? []
    if (own.length === 0) return []
    const href = part.id !== undefined && isOnPage(part.id) ? { href: `#${part.id}` } : {}
    const told = own.slice(0, MAX_ISSUES).map((issue) => ({ ...issueView(issue), ...href }))
    const more = own.length - told.length
    return [{ title: part.title, ...href, issues: told, ...(more > 0 && { more }) }]
  })
}

function issueView({ severity, text, expression = 'Bundle', rule, source }: Issue): IssueView {
  const isLink = source !== undefined && /^https?:\/\//.test(source)
  return {
    severity,
    word: WORDS[severity],
    text,
    expression,
    ...(rule !== undefined && { rule }),
    ...(isLink && { source }),
  }
}

interface Parts {
  readonly all: readonly Part[]
  /** The part that an expression lies in. */
  readonly find: (expression: string) => Part
}

const ENTRY = /^Bundle\.entry\[(\d+)\](?:\.resource)?(?=[.[]|$)/
const IN_SECTION = /^\.section\[(\d+)\]/

/** The parts of a document, and which entries its sections list. */
function partsOf(bundle: Bundle): Parts {
  const whole: Part = { title: 'The document as a whole' }
  const composition: Part = { title: 'The Composition', id: TEXT }
  const sections = new Map<string, Part>()
  const listed = new Map<number, Part>()
  const subjects: Part[] = []
  const first = compositionOf(bundle)
  const index = indexBundle(bundle)
  if (first !== undefined) {
    const at = { index, holder: first.holder, sections, listed }
    for (const part of subjectsOf(first, index, listed)) subjects.push(part)
    readSections(objects(first.composition.section), { id: SECTION, path: '' }, at)
  }
  const others = new Map<number, Part>()
  const entryPart = (entry: number): Part => {
    const known = listed.get(entry) ?? others.get(entry)
    if (known !== undefined) return known
    const part = { title: `${bundle.entry?.[entry]?.resource?.resourceType ?? 'Entry'} (entry ${entry})` }
    others.set(entry, part)
    return part
  }
  const find = (expression: string): Part => {
    const [head, entry] = ENTRY.exec(expression) ?? []
    if (head === undefined) return whole
    if (Number(entry) !== 0 || first === undefined) return entryPart(Number(entry))
    return sections.get(pathOf(expression.slice(head.length))) ?? composition
  }
  return {
    find,
    get all() {
      return [whole, composition, ...subjects, ...sections.values(), ...others.values()]
    },
  }
}

/** The subjects of the document, whose entries are theirs whichever section lists them. */
function subjectsOf(
  { composition, holder }: NonNullable<ReturnType<typeof compositionOf>>,
  index: BundleIndex,
  listed: Map<number, Part>,
): readonly Part[] {
  return (objects(composition.subject) as readonly Reference[]).flatMap(({ reference }, order) => {
    const found = typeof reference === 'string' ? resolve(index, reference, holder) : undefined
    if (found?.outcome !== 'entry') return []
    const part = { title: 'The subject', id: subjectId(order) }
    listed.set(found.entry.index, part)
    return [part]
  })
}

/** The sections that an expression goes through: `.section[0].section[1]`. */
function pathOf(rest: string): string {
  let path = ''
  for (let found = IN_SECTION.exec(rest); found !== null; found = IN_SECTION.exec(rest)) {
    path += found[0]
    rest = rest.slice(found[0].length)
  }
  return path
}

interface Reading {
  readonly index: BundleIndex
  readonly holder: Parameters<typeof resolve>[2]
  readonly sections: Map<string, Part>
  readonly listed: Map<number, Part>
}

/** Every section with its part; an entry is of the first section that lists it. */
function readSections(
  sections: readonly Section[],
  above: { readonly id: string; readonly path: string },
  reading: Reading,
): void {
  for (const [order, section] of sections.entries()) {
    const path = `${above.path}.section[${order}]`
    const id = sectionId(above.id, order)
    const part = { title: plainText(section.title) || `Section ${order + 1}`, id }
    reading.sections.set(path, part)
    for (const { reference } of objects(section.entry) as readonly Reference[]) {
      if (typeof reference !== 'string') continue
      const found = resolve(reading.index, reference, reading.holder)
      if (found.outcome === 'entry' && !reading.listed.has(found.entry.index))
        reading.listed.set(found.entry.index, part)
    }
    readSections(objects(section.section), { id, path }, reading)
  }
}
