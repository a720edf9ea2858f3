/** The part of the build that gathers the fonts of a printing page: their files, and which characters each is there for. */

import { cp, glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { FontIndex, FontRow } from '../src/edge/browser/fonts.ts'
import { codePointsOf } from './cmap.ts'

type Cut = FontRow['cuts'][number]

const CUTS: readonly Cut[] = ['400 normal', '400 italic', '700 normal', '700 italic']

/** A file of a package, and the cuts that it serves as; it stands behind those named before it. */
interface Face {
  readonly family: string
  readonly path: string
  readonly cuts: readonly Cut[]
}

const BASE = 'Noto Sans'
const UPRIGHT: readonly (readonly [name: string, cuts: readonly Cut[]])[] = [
  ['400Regular', ['400 normal', '400 italic']],
  ['700Bold', ['700 normal', '700 italic']],
]

/** The whole faces, not the subsets that are made for the web: those lack what laboratories write, such as ₂ ⁹ ⁺ ‰ and the hyphen that does not break. */
const LETTERS: readonly Face[] = [
  ['400Regular', ['400 normal']],
  ['400Regular_Italic', ['400 italic']],
  ['700Bold', ['700 normal']],
  ['700Bold_Italic', ['700 italic']],
  ...UPRIGHT,
  ['400Regular_Italic', ['400 normal']],
  ['700Bold_Italic', ['700 normal']],
].map(([name, cuts]) => ({
  family: BASE,
  path: `@expo-google-fonts/noto-sans/${name as string}/NotoSans_${name as string}.ttf`,
  cuts: cuts as readonly Cut[],
}))

/** Scripts that have no slanted letters: the upright ones stand for those. */
const SCRIPTS: readonly Face[] = [
  'Arabic',
  'Hebrew',
  'Armenian',
  'Georgian',
  'Ethiopic',
  'Bengali',
  'Gujarati',
  'Gurmukhi',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Tamil',
  'Telugu',
  'Khmer',
  'Lao',
  'Myanmar',
  'Thai',
].flatMap((script) =>
  UPRIGHT.map(([name, cuts]) => ({
    family: BASE,
    path: `@expo-google-fonts/noto-sans-${script.toLowerCase()}/${name}/NotoSans${script}_${name}.ttf`,
    cuts,
  })),
)

/** For what a narrative sets as code. */
const MONO: readonly Face[] = UPRIGHT.map(([name, cuts]) => ({
  family: `${BASE} Mono`,
  path: `@expo-google-fonts/noto-sans-mono/${name}/NotoSansMono_${name}.ttf`,
  cuts,
}))

/** What all others lack: a ≥ must not depend on the fonts of a machine. They come in one cut that serves for all. */
const SIGNS: readonly Face[] = [
  '@fontsource/noto-sans-math/files/noto-sans-math-latin-400-normal.woff2',
  '@fontsource/noto-sans-symbols-2/files/noto-sans-symbols-2-symbols-400-normal.woff2',
].map((path) => ({ family: BASE, path, cuts: CUTS }))

/** Families of their own, as one character looks otherwise in each of these languages. */
const IDEOGRAPHS = ['jp', 'kr', 'sc', 'tc'] as const

/** The families in the small files that they come in, all of which together are the whole face. */
async function ideographs(modules: string): Promise<readonly Face[]> {
  const faces: Face[] = []
  for (const name of IDEOGRAPHS) {
    const folder = `@fontsource/noto-sans-${name}/files`
    for await (const file of glob(`noto-sans-${name}-*-{400,700}-normal.woff2`, { cwd: join(modules, folder) })) {
      if (!/-\d+-[47]00-normal/.test(file)) continue
      const cuts = CUTS.filter((cut) => cut.startsWith(file.includes('-700-') ? '700' : '400'))
      faces.push({ family: `${BASE} ${name.toUpperCase()}`, path: `${folder}/${file}`, cuts })
    }
  }
  return faces.sort((one, other) => (one.path < other.path ? -1 : 1))
}

/** Writes the files that are used and their index. */
export async function buildFonts(modules: string, target: string): Promise<void> {
  // Whoever prints meanwhile finds all of the old fonts or all of the new ones.
  const fresh = `${target}.${process.pid}`
  await mkdir(fresh, { recursive: true })
  const rows: FontRow[] = []
  const told = new Map<string, Set<number>>()
  for (const { family, path, cuts } of [...LETTERS, ...SCRIPTS, ...SIGNS, ...MONO, ...(await ideographs(modules))]) {
    const all = codePointsOf(await readFile(join(modules, path)))
    const file = basename(path)
    const byRanges = new Map<string, { readonly cuts: Cut[]; readonly ranges: readonly number[] }>()
    for (const cut of cuts) {
      const own = setOf(told, `${family} ${cut}`)
      const isNew = (one: number): boolean => one > LAST_CONTROL && !own.has(one) && !isBeside(told, family, cut, one)
      if (!all.some(isNew)) continue
      const kept = all.filter((one) => isNew(one) || JOINING.test(String.fromCodePoint(one)))
      for (const one of kept) own.add(one)
      const ranges = rangesOf(kept)
      const same = byRanges.get(ranges.join())
      if (same === undefined) byRanges.set(ranges.join(), { cuts: [cut], ranges })
      else same.cuts.push(cut)
    }
    rows.push(...[...byRanges.values()].map((one) => ({ family, file, ...one })))
    if (byRanges.size > 0) await cp(join(modules, path), join(fresh, file))
  }
  await writeFile(join(fresh, 'index.json'), JSON.stringify(rows satisfies FontIndex))
  await writeFile(join(fresh, 'LICENSE'), await licences(modules))
  await rm(target, { recursive: true, force: true })
  await rename(fresh, target)
}

/** Fonts map these to nothing that is seen. */
const LAST_CONTROL = 0x1f

/** Only with the letters beside it in one file can a mark, or what joins, be drawn. */
const JOINING = /^(?:\p{M}|\u200c|\u200d|\u25cc)$/u

/** Ideographs come behind the base; code has letters of its own. */
function isBeside(told: Map<string, Set<number>>, family: string, cut: Cut, one: number): boolean {
  return family !== `${BASE} Mono` && setOf(told, `${BASE} ${cut}`).has(one)
}

function setOf(sets: Map<string, Set<number>>, name: string): Set<number> {
  const set = sets.get(name) ?? new Set()
  sets.set(name, set)
  return set
}

/** Ascending code points as pairs of the first and the last of each run. */
function rangesOf(codePoints: readonly number[]): readonly number[] {
  const ranges: number[] = []
  for (const one of codePoints) {
    if (ranges.at(-1) === one - 1) ranges[ranges.length - 1] = one
    else ranges.push(one, one)
  }
  return ranges
}

/** The licence of each package, once where several have the same. */
async function licences(modules: string): Promise<string> {
  const texts = new Map<string, string[]>()
  for await (const path of glob('{@expo-google-fonts/noto-*/LICENSE_FONT,@fontsource/noto-sans-*/LICENSE}', {
    cwd: modules,
  })) {
    const text = await readFile(join(modules, path), 'utf8')
    texts.set(text, [...(texts.get(text) ?? []), path.split('/')[1] ?? path].sort())
  }
  const parts = [...texts].map(([text, names]) => `${names.join(', ')}\n\n${text.trim()}\n`)
  return parts.sort().join('\n\n')
}
