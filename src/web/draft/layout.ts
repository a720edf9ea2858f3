/** A draft as the document that it would be: what is generated joined with the words, and each issue beside its section. */

import { digestOf, proofOf, type Proof } from '../../editing.ts'
import { isError, type Issue } from '../../fhir/issue.ts'
import type { Composition, Section } from '../../fhir/types.ts'
import type { Service } from '../../http/route.ts'
import type { StoreReader } from '../../ports.ts'
import { composing, relative } from './engine.ts'
import type { Desk } from './desk.ts'
import { joined, textOf } from './section-text.ts'
import { placed, referencesOf, withEach } from './sections.ts'

export { digestOf }
export type { Proof }

/** The draft laid out from what the store holds now. */
export async function proof(
  desk: Pick<Desk, 'composition' | 'fresh'>,
  reader: StoreReader,
  service: Service,
): Promise<Proof> {
  const { composition } = desk
  const bare = withEach(composition, (section) => (textOf(section).follows === 'hand' ? section : withoutText(section)))
  const { request, profiles } = composing(desk, bare, reader, service)
  const parts = new Map(placed(composition.section).map(({ path, section }) => [path.join(), textOf(section)]))
  const join = (narrated: Composition): Composition =>
    withEach(narrated, (section, { path }) => {
      const part = parts.get(path.join())
      if (part === undefined || part.follows === 'hand') return section
      const { text, ...others } = section
      const own = joined(part, text)
      return { ...others, ...(own !== undefined && { text: own }) }
    })
  const laid = await proofOf({ request, profiles, join }, service.design, service.edge)
  const unwritten = unwrittenCourse(composition)
  return { ...laid, issues: [...unwritten, ...laid.issues], stopping: [...unwritten, ...laid.stopping] }
}

/** The hospital course, whose text nothing but a person can give. @see https://loinc.org/8648-8 */
export function isCourse({ code }: Section): boolean {
  return code?.coding?.some((one) => one.code === '8648-8') === true
}

/** An error for each hospital course that nobody has written, and of which nobody says why. */
function unwrittenCourse({ section }: Composition): readonly Issue[] {
  return placed(section)
    .filter(({ section: one }) => isCourse(one) && textOf(one).words === '' && !isExplained(one))
    .map(({ path }) => ({
      severity: 'error',
      code: 'required',
      text: 'The hospital course is missing, expected the text of a clinician',
      expression: `Bundle.entry[0].resource${path.map((index) => `.section[${index}]`).join('')}`,
      rule: 'course-missing',
    }))
}

function isExplained({ emptyReason }: Section): boolean {
  const code = emptyReason?.coding?.[0]?.code
  return code !== undefined && code !== 'notstarted'
}

function withoutText(section: Section): Section {
  const { text: _text, ...others } = section
  return others
}

/** The stored draft with the texts that its proof has. */
export function withTexts(composition: Composition, { composition: laidOut }: Proof): Composition {
  const texts = new Map(placed(laidOut.section).map(({ path, section }) => [path.join(), section.text]))
  return withEach(composition, (section, { path }) => {
    const text = texts.get(path.join())
    return { ...withoutText(section), ...(text !== undefined && { text }) }
  })
}

/** Issues by the place that they are about. */
export interface Sorted {
  readonly bySection: ReadonlyMap<string, readonly Issue[]>
  readonly general: readonly Issue[]
}

/** Errors and warnings, each beside every section that it concerns: by where the section is, or by what it lists. */
export function sorted({ issues, bundle, composition }: Proof, base: string): Sorted {
  const places = placed(composition.section)
  const bySection = new Map<string, Issue[]>()
  const general: Issue[] = []
  const told = issues.filter((issue) => isError(issue) || issue.severity === 'warning')
  for (const issue of told) {
    const keys = keysOf(issue, { places, bundle, base })
    if (keys.length === 0) general.push(issue)
    for (const key of keys) bySection.set(key, [...(bySection.get(key) ?? []), issue])
  }
  const each = new Map([...bySection].map(([key, own]) => [key, once(own)]))
  return { bySection: each, general: once(general) }
}

/** What is said in the same words is said once beside each section, as gravely as it ever is. */
export function once(issues: readonly Issue[]): readonly Issue[] {
  const sayings = Map.groupBy(issues, ({ text }) => text)
  return [...sayings.values()].flatMap((same) => same.find(isError) ?? same[0] ?? [])
}

/** The titles of the sections that an issue concerns, as one text; undefined where it concerns none. */
export function sectionsOf({ bundle, composition }: Proof, base: string): (issue: Issue) => string | undefined {
  const places = placed(composition.section)
  return (issue) => {
    const keys = keysOf(issue, { places, bundle, base })
    const titles = places.filter(({ key }) => keys.includes(key)).flatMap(({ section }) => section.title ?? [])
    return titles.length === 0 ? undefined : titles.join(', ')
  }
}

const OF_SECTION = /^Bundle\.entry\[0\]\.resource((?:\.section\[\d+\])+)/
const OF_ENTRY = /^Bundle\.entry\[(\d+)\]/

interface Circumstances {
  readonly places: ReturnType<typeof placed>
  readonly bundle: Proof['bundle']
  readonly base: string
}

function keysOf({ expression = '' }: Issue, { places, bundle, base }: Circumstances): readonly string[] {
  const [, sections] = OF_SECTION.exec(expression) ?? []
  if (sections !== undefined) {
    const path = Array.from(sections.matchAll(/\d+/g), ([index]) => index).join()
    return places.filter((place) => place.path.join() === path).map(({ key }) => key)
  }
  const [, index] = OF_ENTRY.exec(expression) ?? []
  const fullUrl = index === undefined || index === '0' ? undefined : bundle.entry?.[Number(index)]?.fullUrl
  if (fullUrl === undefined) return []
  const name = relative(fullUrl, base)
  return places
    .filter(({ section }) => referencesOf(section).some((reference) => relative(reference, base) === name))
    .map(({ key }) => key)
}
