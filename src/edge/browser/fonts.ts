/** The bundled fonts of a printing page: Noto Sans of every script, loaded as far as a page needs them. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file's service, as the build found it: what it is there for in some cuts. */
export interface FontRow {
  readonly family: string
  readonly file: string
  readonly cuts: readonly ('400 normal' | '400 italic' | '700 normal' | '700 italic')[]
  /** Code points: the first and the last of each run, ascending. */
  readonly ranges: readonly number[]
}

/** In the order in which the files stand in for each other. */
export type FontIndex = readonly FontRow[]

/** One static font file, as one that a family has. */
export interface FontFile {
  /** The family's name in CSS. */
  readonly family: string
  /** As the CSS descriptors `font-weight`, `font-style` and `unicode-range` write it. */
  readonly faces: readonly { readonly weight: string; readonly style: string; readonly unicodeRange: string }[]
  readonly file: string
}

/** The family of all scripts that do not depend on the language. */
const FAMILY = 'Noto Sans'

interface Held {
  readonly file: FontFile
  /** Of all its faces. */
  readonly ranges: readonly number[]
}

const FOLDER = fileURLToPath(new URL('../../../build/fonts', import.meta.url))

const held = once((): readonly Held[] => {
  const rows = JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8')) as FontIndex
  const byFile = Map.groupBy(rows, ({ family, file }) => `${family}/${file}`)
  return [...byFile.values()].map((own) => {
    const [{ family, file } = { family: '', file: '' }] = own
    const faces = own.flatMap(({ cuts, ranges }) => cuts.map((cut) => faceOf(cut, ranges)))
    return { file: { family, file, faces }, ranges: own.flatMap(({ ranges }) => ranges) }
  })
})

function faceOf(cut: string, ranges: readonly number[]): FontFile['faces'][number] {
  const [weight = '', style = ''] = cut.split(' ')
  const parts: string[] = []
  for (let at = 0; at < ranges.length; at += 2) parts.push(`U+${hex(ranges[at])}-${hex(ranges[at + 1])}`)
  return { weight, style, unicodeRange: parts.join(',') }
}

function hex(codePoint = 0): string {
  return codePoint.toString(16).toUpperCase()
}

/** The bytes of a font file in base64. */
export function fontData({ file }: FontFile): string {
  return readFileSync(join(FOLDER, file), 'base64')
}

const base = once(() => held().filter(({ file }) => file.family === FAMILY))
const monospaced = once(() => held().filter(({ file }) => file.family === MONOSPACED))
const letters = once(() => base().filter(({ ranges }) => has(ranges, LETTER)))

const MONOSPACED = 'Noto Sans Mono'
const LETTER = 0x41

/** The four faces of Latin, Greek, Cyrillic and Devanagari letters, for every page. */
export function letterFonts(): readonly FontFile[] {
  return letters().map(({ file }) => file)
}

/** What a page needs beside the letters. */
export interface PageFonts {
  readonly files: readonly FontFile[]
  /** Rules that name the families of ideographs by language, to stand before all others; empty where there are none. */
  readonly css: string
}

/** The fonts that a page needs beyond the letters: most need none. What other pages needed has no influence. */
export function pageFonts(page: string): PageFonts {
  const code = CODE.test(page) ? monospaced() : []
  const beyond = beyondLatin(page)
  const scripts = beyond.length === 0 ? [] : base().filter((one) => !letters().includes(one) && touches(one, beyond))
  const rest = beyond.filter((codePoint) => !base().some(({ ranges }) => has(ranges, codePoint)))
  const orders = rest.some((codePoint) => IDEOGRAPHS.some((family) => ideographs().get(family)?.has(codePoint)))
    ? ordersOf(page)
    : []
  const chosen = new Set(orders.flatMap((order) => rest.flatMap((codePoint) => firstOf(order, codePoint))))
  return {
    files: [...code, ...scripts, ...chosen].map(({ file }) => file),
    css: chosen.size === 0 ? '' : rulesOf(orders[0] ?? []),
  }
}

/** Elements and styles that are set in letters of one width. */
const CODE = /<(?:pre|code|kbd|samp|tt)\b|style="[^"]*(?:mono|courier|consolas)/i

const IDEOGRAPHS = ['Noto Sans JP', 'Noto Sans KR', 'Noto Sans SC', 'Noto Sans TC'] as const
type Family = (typeof IDEOGRAPHS)[number]

/** The files that have a character, by family. */
const ideographs = once((): ReadonlyMap<string, ReadonlyMap<number, readonly Held[]>> => {
  const byFamily = new Map<string, Map<number, Held[]>>(IDEOGRAPHS.map((family) => [family, new Map()]))
  for (const one of held()) {
    const files = byFamily.get(one.file.family)
    if (files === undefined) continue
    for (const codePoint of runs(one.ranges)) {
      const known = files.get(codePoint)
      if (known === undefined) files.set(codePoint, [one])
      else if (!known.includes(one)) known.push(one)
    }
  }
  return byFamily
})

function* runs(ranges: readonly number[]): Generator<number> {
  for (let at = 0; at < ranges.length; at += 2)
    for (let codePoint = ranges[at] ?? 0; codePoint <= (ranges[at + 1] ?? -1); codePoint++) yield codePoint
}

/** One character looks otherwise in each of these languages: which family comes first. The last rule that matches counts. */
const LANGUAGES: readonly (readonly [tags: readonly string[], order: readonly Family[]])[] = [
  [['zh'], ['Noto Sans SC', 'Noto Sans TC', 'Noto Sans JP', 'Noto Sans KR']],
  [
    ['zh-Hant', 'zh-TW', 'zh-HK', 'zh-MO', 'yue'],
    ['Noto Sans TC', 'Noto Sans SC', 'Noto Sans JP', 'Noto Sans KR'],
  ],
  [['ja'], ['Noto Sans JP', 'Noto Sans SC', 'Noto Sans TC', 'Noto Sans KR']],
  [['ko'], ['Noto Sans KR', 'Noto Sans JP', 'Noto Sans SC', 'Noto Sans TC']],
]

function orderOf(tag: string): readonly Family[] | undefined {
  const isBelow = (other: string): boolean => `${tag}-`.toLowerCase().startsWith(`${other}-`.toLowerCase())
  return LANGUAGES.findLast(([tags]) => tags.some(isBelow))?.[1]
}

/** The orders of the languages that a page names, the first for what names none: else by its letters. */
function ordersOf(page: string): readonly (readonly Family[])[] {
  const named = Array.from(page.matchAll(/\slang="([A-Za-z0-9-]+)"/g), ([, tag = '']) => orderOf(tag))
  const byLetters = orderOf(/[\u3040-\u30ff]/.test(page) ? 'ja' : /[\uac00-\ud7af]/.test(page) ? 'ko' : 'zh') ?? []
  const orders = [...new Set(named.filter((order) => order !== undefined))]
  return orders.length === 0 ? [byLetters] : orders
}

/** The first family that has a character is what a browser takes it from. */
function firstOf(order: readonly Family[], codePoint: number): readonly Held[] {
  for (const family of order) {
    const files = ideographs().get(family)?.get(codePoint)
    if (files !== undefined) return files
  }
  return []
}

function rulesOf(first: readonly Family[]): string {
  const rule = (selector: string, order: readonly Family[]): string => {
    const names = order.map((name) => `"${name}"`).join(',')
    return `${selector}{--ideographs:${names};font-family:"${FAMILY}",var(--ideographs),sans-serif}`
  }
  const byLanguage = LANGUAGES.map(([tags, order]) => rule(tags.map((tag) => `[lang|="${tag}" i]`).join(), order))
  return [rule(':root', first), ...byLanguage].join('')
}

/** Whether one of the bundled fonts has all of the characters: a letter, with the marks that belong to it. */
export function isLegible(unit: string): boolean {
  const codePoints = Array.from(unit.replaceAll(UNSEEN, ''), (character) => character.codePointAt(0) ?? 0)
  if (codePoints.length === 0) return true
  const isIn = ({ ranges }: Held): boolean => codePoints.every((codePoint) => has(ranges, codePoint))
  if (base().some(isIn)) return true
  const [first = 0] = codePoints
  return IDEOGRAPHS.some((family) => ideographs().get(family)?.get(first)?.some(isIn) === true)
}

/** Drawn by no font; fillers of Korean syllables are. */
const UNSEEN = /(?![\u115f\u1160\uffa0])[\p{Default_Ignorable_Code_Point}\s]/gu

/** The code points of a page beyond Latin 1, each once: as they are, and as references of XML or escapes of CSS. */
function beyondLatin(page: string): readonly number[] {
  const found = new Set<number>()
  for (const [character] of page.matchAll(/[^\0-\u00ff]/gu)) found.add(character.codePointAt(0) ?? 0)
  for (const [, digits = ''] of page.matchAll(/(?:&#x|\\)([0-9a-f]{2,6})/gi)) found.add(parseInt(digits, 16))
  for (const [, digits = ''] of page.matchAll(/&#([0-9]{3,7})/g)) found.add(parseInt(digits, 10))
  return [...found]
}

/** Whether a file is there for any of the code points beyond Latin 1 that are no marks of others. */
function touches({ ranges }: Held, codePoints: readonly number[]): boolean {
  return codePoints.some((codePoint) => !isJoining(codePoint) && has(ranges, codePoint))
}

/** These stand in the files of every script; they need one only beside its letters. */
function isJoining(codePoint: number): boolean {
  return (
    codePoint === 0x200c || codePoint === 0x200d || codePoint === 0x25cc || (codePoint >= 0x300 && codePoint < 0x370)
  )
}

/** Whether a code point lies in one of the runs; there are few, or a search among them is short. */
function has(ranges: readonly number[], codePoint: number): boolean {
  for (let at = 0; at < ranges.length; at += 2)
    if (codePoint >= (ranges[at] ?? Infinity) && codePoint <= (ranges[at + 1] ?? -1)) return true
  return false
}

function once<T>(work: () => T): () => T {
  let result: { readonly value: T } | undefined
  return () => (result ??= { value: work() }).value
}
