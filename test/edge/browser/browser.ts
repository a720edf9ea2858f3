/** What the tests with a real browser share: whether one starts here, pages to print, facts of a PDF, processes. */

import { readdirSync, readFileSync } from 'node:fs'
import { chromiumPrinter, type ChromiumOptions } from '../../../src/edge/browser/chromium.ts'
import type { Printer } from '../../../src/ports.ts'

/** Why no browser starts on this machine; undefined where one does. */
export const noBrowser: string | undefined = await reason()
if (noBrowser !== undefined) console.warn(`Tests with a browser are skipped: ${noBrowser}`)

async function reason(): Promise<string | undefined> {
  const printer = chromiumPrinter()
  try {
    await printer.print(xhtml('<p>a</p>'))
    return undefined
  } catch (error) {
    return error instanceof Error ? `${error.message} (${String(error.cause)})` : String(error)
  } finally {
    await printer.close()
  }
}

/** A page with the body and the head given. */
export function xhtml(body: string, head = ''): string {
  const start = '<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en">'
  const style = '<style>@page { size: A4; margin: 2cm } html { font-family: "Noto Sans" }</style>'
  return `${start}<head><meta charset="utf-8"/><title>A page</title>${style}${head}</head><body>${body}</body></html>`
}

/** A page of some work: 20 rows fill half a sheet. */
export function table(rows: number): string {
  const row = (_: unknown, index: number): string =>
    `<tr><td>${index}</td><td><b>Medicine</b></td><td>1 <i>tablet</i></td></tr>`
  return xhtml(`<h1>Medication</h1><table>${Array.from({ length: rows }, row).join('')}</table>`)
}

/** The use of a printer, which is closed whatever happens. */
export async function withPrinter<T>(options: ChromiumOptions, use: (printer: Printer) => Promise<T>): Promise<T> {
  const printer = chromiumPrinter(options)
  try {
    return await use(printer)
  } finally {
    await printer.close()
  }
}

export interface PdfFacts {
  /** Without the letters that mark a subset, each once, sorted. */
  readonly fonts: readonly string[]
  readonly subsets: boolean
  readonly type3: boolean
  readonly tagged: boolean
  readonly outline: boolean
  readonly lang: string | undefined
}

/** What Chromium writes of a PDF uncompressed. */
export function factsOf(pdf: Uint8Array): PdfFacts {
  const text = Buffer.from(pdf).toString('latin1')
  const names = Array.from(text.matchAll(/\/BaseFont \/(\S+)/g), ([, name]) => name ?? '')
  return {
    fonts: [...new Set(names.map((name) => name.replace(/^[A-Z]{6}\+/, '')))].sort(),
    subsets: names.every((name) => /^[A-Z]{6}\+/.test(name)),
    type3: text.includes('/Type3'),
    tagged: /\/MarkInfo <<[^>]*\/Marked true/s.test(text) && text.includes('/StructTreeRoot'),
    outline: text.includes('/Type /Outlines') || text.includes('/Outlines '),
    lang: /\/Lang \((.*?)\)/.exec(text)?.[1],
  }
}

/** The PDF without its dates and the numbers of its elements: what two prints of one page have in common. */
export function normalised(pdf: Uint8Array): string {
  const text = Buffer.from(pdf).toString('latin1')
  return text
    .replace(/\/(?:CreationDate|ModDate) \(.*?\)/g, '')
    .replace(/node\d+/g, 'node')
    .replace(/\d{10} \d{5} [nf]/g, '')
    .replace(/startxref\s+\d+/, '')
}

export interface Process {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** The running processes below one of them, by Linux's own account; those that have ended and only wait do not count. */
export function descendants(root: number): readonly Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(processOf)
  const below = (parent: number): readonly Process[] =>
    all.filter((process) => process.parent === parent).flatMap((process) => [process, ...below(process.pid)])
  return below(root)
}

function processOf(pid: string): readonly Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
    return state === 'Z' || state === 'X' ? [] : [{ pid: Number(pid), parent: Number(parent), command }]
  } catch {
    return []
  }
}

/** The browsers that a process has started itself. */
export function browsersOf(root: number): readonly Process[] {
  return descendants(root).filter(({ parent, command }) => parent === root && command.includes('fhirdoc-chromium-'))
}

/** The temporary folder of a browser's process. */
export function folderOf({ command }: Process): string {
  return /--user-data-dir=(\S+)/.exec(command)?.[1] ?? ''
}

/** Resolves once the condition holds; rejects when it does not for 20 seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (const start = Date.now(); !condition();) {
    if (Date.now() - start > 20_000) throw new Error('What was waited for did not happen')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
