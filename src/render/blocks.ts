/** What tables and lists of entries are to their templates, and the links from their rows to the entries. */

import type { JsonObject } from '../fhir/types.ts'
import type { Document } from './document.ts'
import type { Target } from './refer.ts'
import type { Item } from './resource.ts'

export interface TableView {
  readonly caption: string
  /** The caption names what stands in the data, and not only a kind of entries. */
  readonly isCaptionData?: true
  readonly columns: readonly string[]
  readonly rows: readonly RowView[]
  /** What is true of every row. */
  readonly marks: readonly string[]
}

export interface RowView {
  /** One for each repetition of what the row repeats; the first has what stands once. */
  readonly lines: readonly LineView[]
  readonly details: readonly Item[]
}

export interface LineView {
  readonly id?: string | undefined
  readonly head?: CellView
  readonly cells: readonly CellView[]
}

export interface CellView {
  readonly items: readonly Item[]
  /** How many lines it reaches over, where that is more than one. */
  readonly span?: number
  readonly marks?: readonly string[]
  readonly id?: string | undefined
}

export interface ListView {
  readonly id?: string | undefined
  readonly type: string
  readonly title: string
  readonly items: readonly Item[]
  readonly marks: readonly string[]
}

/** One of: a table of entries of one type, a list of one entry, or a sentence on an entry that cannot be shown. */
export interface Block {
  readonly table?: TableView
  readonly list?: ListView
  readonly sentence?: string
  readonly id?: string | undefined
}

/** What stands beside the row of an entry: the entries that it stands for too, and what is to be said of it. */
export interface Beside {
  readonly alike: readonly Target[]
  readonly marks: readonly string[]
}

/** Where blocks are made: the document, and what gives the element that tells an entry an id of its own. */
export interface Scene {
  readonly document: Document
  readonly links?: TextLinks
  /** What is said beside a result that others repeat. */
  readonly beside?: (target: Target) => Beside
}

/** The ids that were given within one narrative. */
export interface TextLinks {
  /** The next id, linked with the entries that its element tells. */
  readonly idOf: (...targets: readonly Target[]) => string
  /** So far. @see https://hl7.org/fhir/extensions/StructureDefinition-textLink.html */
  readonly extensions: readonly JsonObject[]
}

/** A fullUrl that is none would lead nowhere. */
const ABSOLUTE = /^[a-z][a-z\d+.-]*:/i
const TEXT_LINK = 'http://hl7.org/fhir/StructureDefinition/textLink'

/** Links of one narrative, whose ids begin with the prefix. */
export function textLinks(prefix: string, { reader }: Document): TextLinks {
  const extensions: JsonObject[] = []
  let count = 0
  return {
    extensions,
    idOf: (...targets) => {
      count += 1
      const id = `${prefix}-${count}`
      for (const { entry, resource } of targets) {
        const fullUrl = entry?.entry.fullUrl
        const isPlain =
          entry !== undefined &&
          fullUrl !== undefined &&
          ABSOLUTE.test(fullUrl) &&
          reader.index.byFullUrl.get(fullUrl)?.length === 1
        if (isPlain && entry.resource === resource) extensions.push(textLink(id, fullUrl))
      }
      return id
    },
  }
}

function textLink(htmlid: string, data: string): JsonObject {
  const parts = [
    { url: 'htmlid', valueString: htmlid },
    { url: 'data', valueUri: data },
  ]
  return { url: TEXT_LINK, extension: parts }
}
