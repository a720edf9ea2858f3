/** Signature fields of a PDF: those that are there, and a new one that nobody sees. @see ISO 32000-1:2008, 12.7.4.5 */

import { fail } from '../../fhir/error.ts'
import {
  added,
  dictOf,
  nameOf,
  pdfDict,
  pdfName,
  PdfRef,
  PdfString,
  pdfText,
  resolved,
  textOf,
  type PdfDict,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/objects.ts'

/** A field of the form that has a signature. */
export interface SignedField {
  readonly name: string
  /** The signature dictionary. */
  readonly dict: PdfDict
}

const MOST_FIELDS = 10_000

/** The signatures of a document, document time-stamps among them. */
export function signedFields(document: PdfDocument): readonly SignedField[] {
  return [...fieldsOf(document)].flatMap(({ field, name, kind }) => {
    const dict = kind === 'Sig' ? dictOf(document, field.get('V')) : undefined
    return dict === undefined ? [] : [{ name, dict }]
  })
}

interface Field {
  readonly field: PdfDict
  /** With the names of those above it. */
  readonly name: string
  /** `Sig`, `Tx` …; a field has the kind of the one above where it names none. */
  readonly kind: string
}

function* fieldsOf(document: PdfDocument): Generator<Field> {
  const form = dictOf(document, dictOf(document, document.trailer.get('Root'))?.get('AcroForm'))
  const pending = kids(document, form, 'Fields').map((value) => ({ value, above: '', inherited: '' }))
  const seen = new Set<PdfDict>()
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const field = dictOf(document, next.value)
    if (field === undefined || seen.has(field)) continue
    if (seen.size === MOST_FIELDS) throw fail('too-costly', `The PDF has more than ${MOST_FIELDS} fields`)
    seen.add(field)
    const own = resolved(document, field.get('T'))
    const name = [next.above, own instanceof PdfString ? textOf(own) : ''].filter(Boolean).join('.')
    const kind = nameOf(document, field, 'FT') ?? next.inherited
    yield { field, name, kind }
    for (const value of kids(document, field, 'Kids')) pending.push({ value, above: name, inherited: kind })
  }
}

function kids(document: PdfDocument, dict: PdfDict | undefined, name: string): readonly PdfValue[] {
  const found = resolved(document, dict?.get(name))
  return Array.isArray(found) ? found : []
}

/** Printed, and fixed in its place. @see ISO 32000-1:2008, 12.5.3 */
const FLAGS = 4 | 128
/** Signatures exist, and the file is to be changed by updates alone. */
const SIGNATURES_EXIST = 1 | 2

/**
 * Puts a field with the signature into the document, and gives the numbers of the objects that are new or changed. It has no
 * size, so that it has no appearance, and stands for nobody's eyes among the tags: PDF/A and PDF/UA stay as they are.
 */
export function addField(document: PdfDocument, signature: PdfDict, what: string): readonly number[] {
  const page = firstPage(document)
  const value = added(document, signature)
  const name = freeName(document, what)
  const widget = pdfDict({
    Type: pdfName('Annot'),
    Subtype: pdfName('Widget'),
    FT: pdfName('Sig'),
    T: pdfText(name),
    TU: pdfText(what),
    Contents: pdfText(what),
    V: value,
    F: FLAGS,
    Rect: [0, 0, 0, 0],
    P: page,
  })
  const field = added(document, widget)
  return [value.number, field.number, ...inForm(document, field), ...onPage(document, page, field)]
}

function freeName(document: PdfDocument, what: string): string {
  const taken = new Set([...fieldsOf(document)].map(({ name }) => name))
  const base = what.replace(/[^A-Za-z]/g, '')
  let number = 1
  while (taken.has(`${base}${number}`)) number += 1
  return `${base}${number}`
}

/** The form is an object of its own, so that a later field changes nothing else. */
function inForm(document: PdfDocument, field: PdfRef): readonly number[] {
  const { reference: root, dict: catalog } = catalogOf(document)
  const held = catalog.get('AcroForm')
  const form = dictOf(document, held) ?? new Map<string, PdfValue>()
  form.set('Fields', [...kids(document, form, 'Fields'), field])
  form.set('SigFlags', SIGNATURES_EXIST)
  if (held instanceof PdfRef) return [held.number]
  const reference = added(document, form)
  catalog.set('AcroForm', reference)
  return [reference.number, root.number]
}

function onPage(document: PdfDocument, page: PdfRef, field: PdfRef): readonly number[] {
  const dict = dictOf(document, page)
  const held = dict?.get('Annots')
  const annotations = [...kids(document, dict, 'Annots'), field]
  if (held instanceof PdfRef) {
    document.objects.set(held.number, annotations)
    return [held.number]
  }
  dict?.set('Annots', annotations)
  return [page.number]
}

/** The catalog of a document that may be changed. @throws FhirError `structure` */
export function catalogOf(document: PdfDocument): { readonly reference: PdfRef; readonly dict: PdfDict } {
  const reference = document.trailer.get('Root')
  const dict = dictOf(document, reference)
  if (!(reference instanceof PdfRef) || dict === undefined) throw fail('structure', 'The PDF has no catalog')
  return { reference, dict }
}

const MOST_LEVELS = 100

function firstPage(document: PdfDocument): PdfRef {
  let reference = catalogOf(document).dict.get('Pages')
  for (let level = 0; level < MOST_LEVELS; level += 1) {
    const node = dictOf(document, reference)
    const below = kids(document, node, 'Kids')
    if (reference instanceof PdfRef && node !== undefined && below.length === 0) return reference
    reference = below[0]
  }
  throw fail('structure', 'The PDF has no page')
}
