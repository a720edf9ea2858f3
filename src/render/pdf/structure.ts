/** The tags of Chromium's PDF, mended where PDF/UA asks for more. @see ISO 14289-1:2014, 7 */

import {
  dictOf,
  added,
  nameOf,
  pdfDict,
  pdfName,
  PdfRef,
  PdfString,
  pdfText,
  resolved,
  type PdfDict,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/objects.ts'
import { followMoved, plainCell, rewriteCell, wordsOf, type PlainCell } from './cells.ts'
import { mendTable, tableAttributes } from './tables.ts'

/** Tags that PDF does not know, and the nearest that it knows. */
const ROLES: Readonly<Record<string, string>> = { Em: 'Span', Strong: 'Span', Aside: 'Sect' }

const STANDARD: ReadonlySet<string> = new Set(
  (
    'Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 L LI Lbl LBody ' +
    'Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Ruby RB RT RP Warichu WT WP Figure ' +
    'Formula Form'
  ).split(' '),
)

/** An element of the structure with its kind. */
interface Element {
  readonly ref: PdfRef
  readonly dict: PdfDict
  readonly kind: string
}

/** Mends the tags: roles, figures without text, short rows, what lies in lists beside their items, and the ids of elements. */
export function mendStructure(document: PdfDocument, catalog: PdfDict): void {
  const root = dictOf(document, catalog.get('StructTreeRoot'))
  if (root === undefined) return
  const roles = new Set<string>()
  const ids = new Map<string, string>()
  const places: [string, PdfRef][] = []
  const plain = new Map<number, PlainCell>()
  const elements = [...elementsBelow(document, root, plain)]
  for (const element of elements) {
    const { dict, kind } = element
    if (!STANDARD.has(kind)) roles.add(kind)
    if (kind === 'Figure' && !dict.has('Alt')) dict.set('S', pdfName('Sect'))
    if (kind === 'LI') inBodies(document, element)
    if (kind === 'Table') mendTable(document, dict, plain)
    const id = dict.get('ID')
    if (!(id instanceof PdfString)) continue
    const own = `e${String(places.length).padStart(8, '0')}`
    dict.set('ID', new PdfString(own))
    ids.set(id.bytes, own)
    places.push([own, element.ref])
  }
  for (const { dict, kind } of elements) if (CELLS.has(kind)) renumberHeaders(document, dict, ids)
  mendPlain(document, root, { plain, ids })
  const mapped = [...roles].sort().map((kind) => [kind, pdfName(ROLES[kind] ?? 'Span')] as const)
  if (mapped.length > 0) root.set('RoleMap', new Map(mapped))
  if (places.length > 0) root.set('IDTree', idTree(places))
}

interface PlainCells {
  readonly plain: ReadonlyMap<number, PlainCell>
  readonly ids: ReadonlyMap<string, string>
}

function mendPlain(document: PdfDocument, root: PdfDict, { plain, ids }: PlainCells): void {
  const moved = new Map<number, number>()
  for (const [number, cell] of plain) {
    const object = document.objects.get(number)
    if (object === cell.object) rewriteCell(document, number, cell, { ids, moved })
    else if (object instanceof Map) renumberHeaders(document, object, ids)
  }
  if (moved.size > 0) followMoved(document, root, moved)
}

/** All elements, parents first, in the order of reading; but plain cells, which are listed, and tags around words. */
function* elementsBelow(document: PdfDocument, root: PdfDict, plain: Map<number, PlainCell>): Generator<Element> {
  const pending: PdfValue[] = [...kids(root)].reverse()
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const object = next instanceof PdfRef ? document.objects.get(next.number) : undefined
    if (wordsOf(object) !== undefined) continue
    const cell = plainCell(object)
    if (cell !== undefined && next instanceof PdfRef && !plain.has(next.number)) {
      plain.set(next.number, cell)
      pending.push(...cell.kids.map((number) => new PdfRef(number)).reverse())
      continue
    }
    const dict = dictOf(document, next)
    const kind = nameOf(document, dict, 'S')
    if (dict === undefined || kind === undefined || !(next instanceof PdfRef)) continue
    yield { ref: next, dict, kind }
    for (const kid of kids(dict).toReversed()) if (kid instanceof PdfRef) pending.push(kid)
  }
}

function kids(dict: PdfDict): readonly PdfValue[] {
  const held = dict.get('K')
  return Array.isArray(held) ? held : held === undefined ? [] : [held]
}

/** An item has a label and bodies alone: what lies beside them, such as a list in the list, goes into a body. */
function inBodies(document: PdfDocument, { dict, ref }: Element): void {
  const own = kids(dict)
  const isPart = (kid: PdfValue): boolean =>
    ['Lbl', 'LBody'].includes(nameOf(document, dictOf(document, kid), 'S') ?? '')
  if (own.every(isPart)) return
  dict.set(
    'K',
    own.map((kid) => (isPart(kid) ? kid : bodyOf(document, kid, ref))),
  )
}

function bodyOf(document: PdfDocument, kid: PdfValue, parent: PdfRef): PdfRef {
  const members = { Type: pdfName('StructElem'), S: pdfName('LBody'), P: parent, K: kid }
  const body = added(document, pdfDict(members))
  const inner = dictOf(document, kid)
  if (inner !== undefined && nameOf(document, inner, 'S') !== undefined) inner.set('P', body)
  return body
}

const CELLS: ReadonlySet<string> = new Set(['TH', 'TD'])

/**
 * What a cell calls its headers by. Chromium numbers elements through the life of a page of its own; here they are
 * numbered through the document.
 */
function renumberHeaders(document: PdfDocument, cell: PdfDict, ids: ReadonlyMap<string, string>): void {
  for (const attributes of tableAttributes(document, cell)) {
    const headers = resolved(document, attributes.get('Headers'))
    if (!Array.isArray(headers)) continue
    const own = headers.flatMap((header) => (header instanceof PdfString ? (ids.get(header.bytes) ?? []) : []))
    if (own.length === 0) attributes.delete('Headers')
    else
      attributes.set(
        'Headers',
        own.map((id) => new PdfString(id)),
      )
  }
}

function idTree(ids: readonly (readonly [string, PdfRef])[]): PdfDict {
  return pdfDict({ Names: ids.flatMap(([id, ref]) => [new PdfString(id), ref]) })
}

/** Gives each link words of its own: where it leads. @see ISO 14289-1:2014, 7.18.5 */
export function mendLinks(document: PdfDocument, page: PdfDict): void {
  const annotations = resolved(document, page.get('Annots'))
  if (!Array.isArray(annotations)) return
  for (const one of annotations) {
    const annotation = dictOf(document, one)
    if (annotation === undefined || annotation.has('Contents')) continue
    annotation.set('Contents', pdfText(targetOf(document, annotation)))
  }
}

function targetOf(document: PdfDocument, annotation: PdfDict): string {
  const uri = resolved(document, dictOf(document, annotation.get('A'))?.get('URI'))
  if (uri instanceof PdfString) return uri.bytes
  const place = resolved(document, annotation.get('Dest'))
  return place instanceof PdfString ? place.bytes : (nameOf(document, annotation, 'Dest') ?? 'link')
}
