/** Template packs: a folder with a manifest, and what it changes of the pages of the documents that it serves. */

import type { Issue } from '../fhir/issue.ts'
import { isObject, type Composition, type Json, type JsonObject } from '../fhir/types.ts'
import { languageTag } from './locale.ts'
import { isSameLanguage } from './translation.ts'
import { objects, plainText } from './wording.ts'

/** What stands in a margin of each printed page. */
const MARGIN_WORDS = ['subject', 'title', 'identifier', 'page', 'status', 'custodian', 'date', ''] as const
export type MarginWord = (typeof MARGIN_WORDS)[number]

/** The boxes of a margin in the direction of reading. */
export interface Margin {
  readonly start: MarginWord
  readonly end: MarginWord
}

/** A pack as its manifest has it, `pack/<name>/manifest.json`. */
export interface Pack {
  /** That of its folder. */
  readonly name: string
  readonly version: string
  readonly title: string
  readonly serves: Serves
  readonly paper: 'A4' | 'Letter'
  /** Above, right, below, left, as CSS writes lengths. */
  readonly margins: string
  readonly header: Margin
  readonly footer: Margin
  /** Words across each printed page: by status, or always where the pack is for copies. */
  readonly watermark: { readonly draft: boolean; readonly error: boolean; readonly copy: boolean }
  /** Style sheets of the pack by path, behind all others. */
  readonly styles: readonly string[]
  /** A `data:` URI. */
  readonly logo?: string
  /** Phrases that the pack says otherwise, by language. */
  readonly phrases: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** Which documents a pack is chosen for; all that is given must hold, and of types and profiles one. */
export interface Serves {
  /** Any document for which there is no better one. */
  readonly any?: boolean
  /** Codes of Composition.type: `http://loinc.org|60591-5`. */
  readonly types?: readonly string[]
  /** Canonical URLs in Composition.meta.profile. */
  readonly profiles?: readonly string[]
  /** BCP 47, of the document. */
  readonly languages?: readonly string[]
  /** Identifiers of the custodian: `system|value`. */
  readonly sites?: readonly string[]
}

const DEFAULTS = {
  paper: 'A4',
  margins: '22mm 17mm 20mm 17mm',
  header: { start: 'subject', end: 'title' },
  footer: { start: 'identifier', end: 'page' },
  watermark: { draft: true, error: true, copy: false },
  styles: [],
  phrases: {},
} as const satisfies Partial<Pack>

/** The pack of a design that has none. */
export const PLAIN: Pack = {
  name: 'plain',
  version: '1.0.0',
  title: 'Any document',
  serves: { any: true },
  ...DEFAULTS,
}

/** The texts of a folder by path. */
type Files = Readonly<Record<string, string>>

const MANIFEST = /^pack\/([a-z0-9-]+)\/manifest\.json$/

/** The packs in a folder of templates by name; what is wrong with a manifest is told, each with its file. */
export function packsOf(files: Files): {
  readonly packs: Readonly<Record<string, Pack>>
  readonly faults: readonly Issue[]
} {
  const packs: Record<string, Pack> = { plain: PLAIN }
  const faults: Issue[] = []
  for (const [path, text] of Object.entries(files)) {
    const [, name] = MANIFEST.exec(path) ?? []
    if (name === undefined) continue
    const manifest = jsonOf(text)
    const found = manifest === undefined ? ['is no JSON object'] : manifestFaults(manifest, name, files)
    faults.push(
      ...found.map((fault): Issue => ({ severity: 'error', code: 'invalid', text: `Template ${path}: ${fault}` })),
    )
    if (manifest !== undefined && found.length === 0) packs[name] = packOf(manifest, name, files)
  }
  return { packs, faults }
}

function jsonOf(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function packOf(manifest: JsonObject, name: string, files: Files): Pack {
  const { logo, styles = [], watermark, ...given } = manifest
  const image = typeof logo === 'string' ? files[`pack/${name}/${logo}`] : undefined
  return {
    ...DEFAULTS,
    ...(given as unknown as Omit<Pack, 'watermark' | 'styles' | 'logo'>),
    header: { ...DEFAULTS.header, ...(given['header'] as object) },
    footer: { ...DEFAULTS.footer, ...(given['footer'] as object) },
    watermark: { ...DEFAULTS.watermark, ...(watermark as object) },
    styles: (styles as readonly string[]).map((style) => `pack/${name}/${style}`),
    ...(image !== undefined && { logo: image }),
  }
}

const LENGTHS = /^(?:\d{1,3}(?:\.\d+)?(?:mm|cm|in|pt)(?: |$)){1,4}$/
const isText = (value: Json | undefined): boolean => typeof value === 'string' && value !== ''
const areTexts = (value: Json | undefined): boolean => Array.isArray(value) && (value as readonly Json[]).every(isText)
const areFlags = (value: Json | undefined, names: readonly string[]): boolean =>
  isObject(value) && Object.entries(value).every(([name, flag]) => names.includes(name) && typeof flag === 'boolean')
const isMargin = (value: Json | undefined): boolean =>
  isObject(value) &&
  Object.entries(value).every(
    ([side, word]) => SIDES.includes(side) && (MARGIN_WORDS as readonly (Json | undefined)[]).includes(word),
  )
const SIDES: readonly string[] = ['start', 'end']

/** What a manifest may hold, and of what kind it is. */
const MEMBERS: Readonly<Record<string, readonly [expected: string, holds: (value: Json | undefined) => boolean]>> = {
  name: ['the name of its folder', isText],
  version: ['a version such as 1.0.0', (value) => typeof value === 'string' && /^\d+\.\d+\.\d+/.test(value)],
  title: ['a text', isText],
  serves: ['an object with any, types, profiles, languages, sites', isServing],
  paper: ['A4 or Letter', (value) => value === 'A4' || value === 'Letter'],
  margins: ['one to four lengths such as 22mm', (value) => typeof value === 'string' && LENGTHS.test(value)],
  header: [`start and end, each of ${MARGIN_WORDS.filter(Boolean).join(', ')}`, isMargin],
  footer: [`start and end, each of ${MARGIN_WORDS.filter(Boolean).join(', ')}`, isMargin],
  watermark: ['draft, error and copy, each true or false', (value) => areFlags(value, ['draft', 'error', 'copy'])],
  styles: ['names of files', areTexts],
  logo: ['the name of a file', isText],
  phrases: ['phrases by language', (value) => isObject(value) && Object.values(value).every(isObject)],
}
const REQUIRED = ['name', 'version', 'title', 'serves'] as const

function isServing(value: Json | undefined): boolean {
  if (!isObject(value)) return false
  const { any, languages = [], ...lists } = value
  const known = Object.entries(lists).every(
    ([name, list]) => ['types', 'profiles', 'sites'].includes(name) && areTexts(list),
  )
  const tagged = areTexts(languages) && (languages as readonly string[]).every((tag) => languageTag(tag) !== undefined)
  return known && tagged && (any === undefined || typeof any === 'boolean')
}

function manifestFaults(manifest: JsonObject, name: string, files: Files): readonly string[] {
  const faults = REQUIRED.filter((member) => manifest[member] === undefined).map((member) => `it has no ${member}`)
  for (const [member, value] of Object.entries(manifest)) {
    const [expected, holds] = MEMBERS[member] ?? []
    if (expected === undefined) faults.push(`it has ${member}, expected one of ${Object.keys(MEMBERS).join(', ')}`)
    else if (holds?.(value) !== true) faults.push(`${member} is not as expected: ${expected}`)
  }
  if (isText(manifest['name']) && manifest['name'] !== name) faults.push(`its name is not that of its folder, ${name}`)
  const listed = areTexts(manifest['styles']) ? (manifest['styles'] as readonly string[]) : []
  const named = typeof manifest['logo'] === 'string' ? [...listed, manifest['logo']] : listed
  const missing = named.filter((file) => files[`pack/${name}/${file}`] === undefined)
  return [...faults, ...missing.map((file) => `it names ${file}, which is not there`)]
}

/** What of a document decides which pack it has. */
export interface Served {
  readonly composition: Composition
  readonly language: string | undefined
  /** Identifiers of the custodian: `system|value`. */
  readonly sites: readonly string[]
}

/** The pack for a document: one for its site before all, then for its profile, its type, its language, else one for any. */
export function choosePack(packs: Readonly<Record<string, Pack>>, served: Served): Pack {
  const ranked = Object.values(packs)
    .map((pack) => ({ pack, rank: rankOf(pack.serves, served) }))
    .filter(({ rank }) => rank > 0)
  return ranked.toSorted((a, b) => b.rank - a.rank || (a.pack.name < b.pack.name ? -1 : 1))[0]?.pack ?? PLAIN
}

function rankOf(
  { any, types, profiles, languages, sites }: Serves,
  { composition, language, sites: own }: Served,
): number {
  if (sites !== undefined && !sites.some((site) => own.includes(site))) return 0
  const speaks = language !== undefined && languages?.some((tag) => isSameLanguage(tag, language)) === true
  if (languages !== undefined && !speaks) return 0
  const isOfProfile = profiles?.some((profile) => profilesOf(composition).includes(profile)) === true
  const isOfType = types?.some((type) => typesOf(composition).includes(type)) === true
  const base = isOfProfile ? 8 : isOfType ? 4 : any === true ? 1 : 0
  return base === 0 ? 0 : base + (sites === undefined ? 0 : 16) + (languages === undefined ? 0 : 2)
}

function profilesOf({ meta }: Composition): readonly string[] {
  const profiles: unknown = meta?.profile
  return Array.isArray(profiles) ? profiles.map((profile) => String(profile).replace(/\|.*$/, '')) : []
}

function typesOf({ type }: Composition): readonly string[] {
  const codings = isObject(type) ? objects(type['coding']) : []
  return codings.map(({ system, code }) => `${plainText(system)}|${plainText(code)}`)
}

/** Width and height in millimetres. */
const PAPERS: Readonly<Record<Pack['paper'], readonly [width: number, height: number]>> = {
  A4: [210, 297],
  Letter: [215.9, 279.4],
}
const MILLIMETRES: Readonly<Record<string, number>> = { mm: 1, cm: 10, in: 25.4, pt: 25.4 / 72 }

/**
 * The paper of a pack as rules of CSS: sheets upright, those named `wide` on their side, and how wide the text is on
 * either, by which the printer makes tables fit.
 */
export function paperCss({ paper, margins }: Pack): string {
  const lengths = margins.trim().split(/ +/).map(millimetres)
  const [, right = lengths[0] ?? 0, , left = right] = lengths
  const [upright, across] = PAPERS[paper].map((side) => (side - left - right).toFixed(3))
  return [
    `@page { size: ${paper}; margin: ${margins}; }`,
    `@page wide { size: ${paper} landscape; margin: ${margins}; }`,
    `:root { --page-width: ${upright}mm; --wide-width: ${across}mm; }`,
  ].join('\n')
}

function millimetres(length: string): number {
  const [, number, unit = 'mm'] = /^([\d.]+)([a-z]+)$/.exec(length) ?? []
  return Number(number) * (MILLIMETRES[unit] ?? 1)
}
