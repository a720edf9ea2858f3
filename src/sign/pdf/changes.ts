/**
 * What a PDF became after it was signed: nothing may be other, save that updates which make a signature last were put at its
 * end (H-14). What viewers hide, replace or draw over in such an update is a change like any other.
 */

import { fail, FhirError } from '../../fhir/error.ts'
import { Lexer } from '../../pdf/lexer.ts'
import {
  dictOf,
  nameOf,
  PdfName,
  PdfRef,
  PdfStream,
  PdfString,
  resolved,
  type PdfDict,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/objects.ts'
import { readPdf } from '../../pdf/read.ts'
import { catalogOf } from './field.ts'
import { isDocumentStamp, type PdfSignature } from './signatures.ts'

/** The file as it is now. */
export interface Current {
  readonly pdf: Uint8Array
  readonly document: PdfDocument
  readonly all: readonly PdfSignature[]
}

/** @throws FhirError `conflict` where the file was changed after the signature, with what was */
export function mustBeUnchanged({ end }: PdfSignature, { pdf, document: now, all }: Current): void {
  mustEnd(pdf)
  if (onlyEndsLine(pdf.subarray(end))) return
  const then = readPdf(pdf.subarray(0, end))
  const later = all.filter((one) => one.end > end)
  const other = later.find((one) => !isDocumentStamp(one))
  if (other !== undefined) throw changed(`the signature ${other.name} was added`)
  const stamps = new Set(later.map(({ dict }) => dict))
  const what = changesSince(then, now, stamps) ?? secondIn(pdf.subarray(end), then, allowedChanges(then, now, stamps))
  if (what !== undefined) throw changed(what)
}

const OBJECT = /(?<!\d)(\d{1,10})\s+\d{1,5}\s+obj\b/g

/**
 * An object of before that an update has once more without its table saying so, which a viewer that looks for objects on its
 * own would take; undefined where there is none.
 */
function secondIn(update: Uint8Array, then: PdfDocument, allowed: ReadonlyMap<number, Allowed>): string | undefined {
  const text = Buffer.from(update).toString('latin1')
  for (const { 0: head, 1: digits, index } of text.matchAll(OBJECT)) {
    const number = Number(digits)
    const before = then.objects.get(number)
    if (before === undefined) continue
    const found = valueAt(text, index + head.length)
    const isKept = found !== undefined && (isSame(before, found) || allowed.get(number)?.(before, found) === true)
    if (!isKept) return `there is another object ${number}, which its tables do not name`
  }
  return undefined
}

function valueAt(text: string, offset: number): PdfValue | undefined {
  try {
    return new Lexer(text, offset).value()
  } catch (error) {
    if (error instanceof FhirError) return undefined
    throw error
  }
}

/**
 * What of a document is other in a later state of its file, as the end of a sentence; undefined where nothing is but that
 * the signatures given, in fields without size, and what they are judged by came to it.
 */
export function changesSince(
  then: PdfDocument,
  now: PdfDocument,
  signatures: ReadonlySet<PdfDict>,
): string | undefined {
  const allowed = allowedChanges(then, now, signatures)
  for (const [number, value] of then.objects) {
    const found = now.objects.get(number)
    if (found === undefined) return `the object ${number} was taken away`
    if (!isSame(value, found) && allowed.get(number)?.(value, found) !== true) return `the object ${number} was changed`
    const missing = missingIn(value, then, now)
    if (missing !== undefined) return `the object ${missing}, which was missing, came to be`
  }
  const other = ['Root', 'Info'].find((name) => !isSame(then.trailer.get(name) ?? null, now.trailer.get(name) ?? null))
  return other === undefined ? undefined : `the trailer has another ${other}`
}

function changed(what: string): FhirError {
  return fail('conflict', `The PDF was changed after the signature: ${what}`)
}

/** Viewers look for the table of the file at its end, and not all at the same place where there is something after it. */
function mustEnd(pdf: Uint8Array): void {
  const tail = Buffer.from(pdf.subarray(-64)).toString('latin1')
  if (!/startxref\s+\d+\s+%%EOF[\r\n ]*$/.test(tail)) throw changed('there is something after its end')
}

function onlyEndsLine(bytes: Uint8Array): boolean {
  return bytes.byteLength <= 4 && bytes.every((octet) => octet === 10 || octet === 13 || octet === 32)
}

/** Whether what an object became is what an update that makes a signature last makes of it. */
type Allowed = (then: PdfValue, now: PdfValue) => boolean

/** The objects that such an update changes, by their numbers. */
function allowedChanges(
  then: PdfDocument,
  now: PdfDocument,
  stamps: ReadonlySet<PdfDict>,
): ReadonlyMap<number, Allowed> {
  const allowed = new Map<number, Allowed>()
  const { reference: root, dict: catalog } = catalogOf(then)
  const ofStamps = (before: PdfValue | undefined, after: PdfValue | undefined): boolean =>
    isLonger(before, after, (more) => isStampField(now, more, stamps))
  const formChanged: Allowed = (before, after) =>
    isChangedIn(before, after, {
      Fields: (one, other) => ofStamps(resolved(then, one), resolved(now, other)),
      SigFlags: () => true,
    })
  const allow = (reference: PdfValue | undefined, change: Allowed): void => {
    if (reference instanceof PdfRef) allowed.set(reference.number, change)
  }
  allow(root, (before, after) =>
    isChangedIn(before, after, {
      DSS: () => true,
      Extensions: () => true,
      AcroForm: (one, other) =>
        (one === undefined || !(other instanceof PdfRef)) && formChanged(one ?? new Map(), resolved(now, other)),
    }),
  )
  allowStore(then, catalog, allow)
  allow(catalog.get('AcroForm'), formChanged)
  allow(dictOf(then, catalog.get('AcroForm'))?.get('Fields'), ofStamps)
  for (const page of pagesOf(then)) {
    allow(page, (before, after) =>
      isChangedIn(before, after, { Annots: (one, other) => ofStamps(resolved(then, one), resolved(now, other)) }),
    )
    allow(dictOf(then, page)?.get('Annots'), ofStamps)
  }
  return allowed
}

/** The store may become whatever it likes: what it holds is judged for itself. */
function allowStore(
  then: PdfDocument,
  catalog: PdfDict,
  allow: (reference: PdfValue | undefined, change: Allowed) => void,
): void {
  const store = dictOf(then, catalog.get('DSS'))
  const isStore: Allowed = (_, after) => after instanceof Map && nameIn(after, 'Type') !== 'Page'
  allow(catalog.get('DSS'), isStore)
  allow(store?.get('VRI'), isStore)
  for (const name of ['Certs', 'CRLs', 'OCSPs']) allow(store?.get(name), (_, after) => Array.isArray(after))
}

function nameIn(dict: PdfDict, key: string): string | undefined {
  const found = dict.get(key)
  return found instanceof PdfName ? found.name : undefined
}

type Members = Readonly<Record<string, (then: PdfValue | undefined, now: PdfValue | undefined) => boolean>>

/** Whether two dictionaries differ only in members named, and there only as they may. */
function isChangedIn(then: PdfValue, now: PdfValue, members: Members): boolean {
  if (!(then instanceof Map) || !(now instanceof Map)) return false
  return [...new Set([...then.keys(), ...now.keys()])].every((name) => {
    const [one, other] = [then.get(name), now.get(name)]
    if (isSame(one ?? null, other ?? null)) return true
    return Object.hasOwn(members, name) && members[name]?.(one, other) === true
  })
}

/** Whether a list begins with another, and what comes after is of a kind. */
function isLonger(
  then: PdfValue | undefined,
  now: PdfValue | undefined,
  isOfKind: (value: PdfValue) => boolean,
): boolean {
  const before = then ?? []
  if (!Array.isArray(before) || !Array.isArray(now) || now.length < before.length) return false
  return before.every((value, index) => isSame(value, now[index] ?? null)) && now.slice(before.length).every(isOfKind)
}

/** A field that shows nothing, of a document time-stamp that is one of this file. */
function isStampField(now: PdfDocument, value: PdfValue, stamps: ReadonlySet<PdfDict>): boolean {
  const field = dictOf(now, value)
  const stamp = dictOf(now, field?.get('V'))
  if (field === undefined || stamp === undefined || !stamps.has(stamp)) return false
  const rectangle = resolved(now, field.get('Rect')) ?? [0, 0, 0, 0]
  const [left, bottom, right, top] = Array.isArray(rectangle) ? rectangle : []
  const hasNoSize = left === right && bottom === top
  return hasNoSize && nameOf(now, field, 'FT') === 'Sig' && !['A', 'AA', 'Kids'].some((name) => field.has(name))
}

function pagesOf(document: PdfDocument): readonly PdfRef[] {
  const found: PdfRef[] = []
  const seen = new Set<number>()
  const pending = [catalogOf(document).dict.get('Pages')]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (!(next instanceof PdfRef) || seen.has(next.number)) continue
    seen.add(next.number)
    const below = resolved(document, dictOf(document, next)?.get('Kids'))
    if (Array.isArray(below)) pending.push(...below)
    else found.push(next)
  }
  return found
}

/** An object that a value refers to and that was not there: once it is, the value shows it. */
function missingIn(value: PdfValue, then: PdfDocument, now: PdfDocument): number | undefined {
  for (const number of referencesIn(value)) if (!then.objects.has(number) && now.objects.has(number)) return number
  return undefined
}

function* referencesIn(value: PdfValue): Generator<number> {
  if (value instanceof PdfRef) yield value.number
  else if (Array.isArray(value)) for (const one of value) yield* referencesIn(one)
  else if (value instanceof Map) for (const one of value.values()) yield* referencesIn(one)
  else if (value instanceof PdfStream) yield* referencesIn(value.dict)
}

/** Whether two values are the same, what they refer to aside. */
function isSame(one: PdfValue, other: PdfValue): boolean {
  if (one === other) return true
  if (one instanceof PdfRef) return other instanceof PdfRef && one.number === other.number
  if (one instanceof PdfName) return other instanceof PdfName && one.name === other.name
  if (one instanceof PdfString) return other instanceof PdfString && one.bytes === other.bytes
  if (one instanceof PdfStream)
    return other instanceof PdfStream && Buffer.compare(one.data, other.data) === 0 && isSame(one.dict, other.dict)
  if (Array.isArray(one))
    return (
      Array.isArray(other) && one.length === other.length && one.every((each, at) => isSame(each, other[at] ?? null))
    )
  if (!(one instanceof Map) || !(other instanceof Map) || one.size !== other.size) return false
  return [...one].every(([name, member]) => other.has(name) && isSame(member, other.get(name) ?? null))
}
