/** The bundled fonts, Noto Sans and its signs: as faces for a printing page, and as CSS for a page that stands alone. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** As the CSS descriptors `font-weight` and `font-style` write it. */
export interface Cut {
  readonly weight: string
  readonly style: string
}

/** One static font file. */
export interface FontFile {
  /** What it serves as. A browser chooses the cut first and then among its files, so each cut has every character. */
  readonly cuts: readonly Cut[]
  /** As the CSS descriptor `unicode-range` writes it. */
  readonly unicodeRange: string
  /** The file in base64. */
  readonly data: string
}

/** The family's name in CSS, for letters and signs alike. */
export const FAMILY = 'Noto Sans'

const REGULAR = { weight: '400', style: 'normal' } as const
const ITALIC = { weight: '400', style: 'italic' } as const
const BOLD = { weight: '700', style: 'normal' } as const
const BOLD_ITALIC = { weight: '700', style: 'italic' } as const
const CUTS: readonly Cut[] = [REGULAR, ITALIC, BOLD, BOLD_ITALIC]

/**
 * The whole faces, not the subsets that are made for the web: those lack what laboratories write, such as ₂ ⁹ ⁺ ‰ and
 * the hyphen that does not break.
 */
const LETTERS = [
  { cut: REGULAR, path: '@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf' },
  { cut: ITALIC, path: '@expo-google-fonts/noto-sans/400Regular_Italic/NotoSans_400Regular_Italic.ttf' },
  { cut: BOLD, path: '@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf' },
  { cut: BOLD_ITALIC, path: '@expo-google-fonts/noto-sans/700Bold_Italic/NotoSans_700Bold_Italic.ttf' },
] as const

/** What the letters' faces lack: a ≥ must not depend on the fonts of a machine. They come in one cut that serves for all. */
const SIGNS = [
  {
    path: '@fontsource/noto-sans-math/files/noto-sans-math-latin-400-normal.woff2',
    unicodeRange:
      'U+2190-2211,U+2213-2300,U+2302-2323,U+239B-23B9,U+23DC-23E7,U+25A0-25CB,U+25CD-25FF,U+2605-2606,U+263B-263E,U+2640,U+2642,' +
      'U+2660-266F,U+2713,U+27C0-27FF,U+2900-2B04,U+2B0E-2B4C',
  },
  {
    path: '@fontsource/noto-sans-symbols-2/files/noto-sans-symbols-2-symbols-400-normal.woff2',
    unicodeRange:
      'U+2324-2328,U+23CF-23D8,U+23E9-23FF,U+2600-2604,U+260E-2623,U+2668,U+267F,U+269E-26A1,U+2700-2712,U+2714-27B1,' +
      'U+2B05-2B0D,U+2B4D-2BFF',
  },
] as const

/** The web's subsets by their names in the package, but for the one that belongs to another alphabet's checks. */
const LEFT_OUT: readonly string[] = ['devanagari']

const locate = createRequire(import.meta.url)

/** The four faces of letters, for every page: Latin, Greek, Cyrillic and Vietnamese. Read once. */
export const letterFonts = once((): readonly FontFile[] =>
  LETTERS.map(({ cut, path }) => ({ cuts: [cut], unicodeRange: 'U+0-10FFFF', data: read(path, 'base64') })),
)

const allSigns = once((): readonly FontFile[] =>
  SIGNS.map(({ path, unicodeRange }) => ({ cuts: CUTS, unicodeRange, data: read(path, 'base64') })),
)

/** The files of signs that a page needs: most need none. What other pages needed has no influence. */
export function signFonts(page: string): readonly FontFile[] {
  const beyond = beyondLatin(page)
  const needed = SIGNS.map(({ unicodeRange }) => covers(unicodeRange, beyond))
  return needed.includes(true) ? allSigns().filter((_, index) => needed[index]) : []
}

const webFonts = once((): readonly FontFile[] => {
  const ranges = JSON.parse(read('@fontsource/noto-sans/unicode.json', 'utf8')) as Record<string, string>
  const alphabets = Object.entries(ranges).filter(([name]) => !LEFT_OUT.includes(name))
  return alphabets.flatMap(([name, unicodeRange]) =>
    CUTS.map((cut) => {
      const path = `@fontsource/noto-sans/files/noto-sans-${name}-${cut.weight}-${cut.style}.woff2`
      return { cuts: [cut], unicodeRange, data: read(path, 'base64') }
    }),
  )
})

/**
 * `@font-face` rules with small WOFF2 files of the letters as `data:` URIs, for a page that stands alone: those of the
 * alphabets that the text is written in, all of them where no text is given.
 */
export function fontFaceCss(text?: string): string {
  const characters = text === undefined ? undefined : [...beyondLatin(text), 0x41]
  const wanted = webFonts().filter(({ unicodeRange }) => characters === undefined || covers(unicodeRange, characters))
  return wanted.flatMap((font) => font.cuts.map((cut) => rule(font, cut))).join('')
}

function rule({ unicodeRange, data }: FontFile, { weight, style }: Cut): string {
  return (
    `@font-face{font-family:"${FAMILY}";font-weight:${weight};font-style:${style};font-display:block;` +
    `src:url(data:font/woff2;base64,${data}) format("woff2");unicode-range:${unicodeRange}}\n`
  )
}

/** The code points of a page beyond Latin 1, each once: as they are, and as references of XML or escapes of CSS. */
function beyondLatin(page: string): readonly number[] {
  const found = new Set<number>()
  for (const [character] of page.matchAll(/[^\0-\u00ff]/gu)) found.add(character.codePointAt(0) ?? 0)
  for (const [, digits = ''] of page.matchAll(/(?:&#x|\\)([0-9a-f]{2,6})/gi)) found.add(parseInt(digits, 16))
  for (const [, digits = ''] of page.matchAll(/&#([0-9]{3,7})/g)) found.add(parseInt(digits, 10))
  return [...found]
}

/** Whether any of the code points lies in the range. */
function covers(unicodeRange: string, codePoints: readonly number[]): boolean {
  return unicodeRange.split(',').some((part) => {
    const [first = NaN, last = first] = part
      .trim()
      .slice(2)
      .split('-')
      .map((digits) => parseInt(digits, 16))
    return codePoints.some((codePoint) => codePoint >= first && codePoint <= last)
  })
}

function read(path: string, encoding: 'utf8' | 'base64'): string {
  return readFileSync(locate.resolve(path), encoding)
}

function once<T>(work: () => T): () => T {
  let result: { readonly value: T } | undefined
  return () => (result ??= { value: work() }).value
}
