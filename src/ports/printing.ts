/** What prints, as types only. */

export interface PrintOptions {
  readonly signal?: AbortSignal
  /** Told once of a print in which some text does not show whole. */
  readonly onClipped?: (clipped: readonly Clipped[]) => void
}

/** Text that a print does not show, or not all of it. */
export interface Clipped {
  /** The id of the section that it stands in; empty outside of all. */
  readonly section: string
  /** Of that section. */
  readonly title: string
  /** Its beginning. */
  readonly text: string
}

/** A page to PDF. @throws FhirError `timeout`, `throttled`, `transient`, `too-costly` */
export interface Printer {
  /** Whether one of its fonts has all characters of a letter with its marks; absent where it cannot tell. */
  legibility?(): Promise<(unit: string) => boolean>
  print(xhtml: string, options?: PrintOptions): Promise<Uint8Array>
  close(): Promise<void>
}

/** A document as it was put into a PDF. */
export interface Extracted {
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}
