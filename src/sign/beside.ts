/** Signatures that stand beside a document, in a file of their own: the same as one inside it with more added, or further ones. */

import { FhirError } from '../fhir/error.ts'
import type { Model } from '../fhir/model.ts'
import type { Bundle, Resource } from '../fhir/types.ts'
import { certified, factsOf, type Facts, type Surroundings, type Syntax } from './facts.ts'
import { readDetached } from './jades.ts'
import { readData } from './jws.ts'
import { partSignaturesOf, signaturesOf, type PlacedSignature } from './placement.ts'
import type { Reading } from './reading.ts'
import { isSame } from './schemes.ts'
import { readSidecar, type Sidecar } from './sidecar.ts'
import { bundleTarget, fileTarget, type Target } from './target.ts'
import { readDetachedXml } from './xml/detached.ts'
import { xmlTarget } from './xml/octets.ts'

/** A document, and the signatures that came beside it. */
export interface Surrounded {
  /** Undefined where it is no Bundle. */
  readonly bundle: Bundle | undefined
  /** Its octets as they were received, where they are known. */
  readonly file?: Uint8Array | undefined
  readonly sidecars: readonly Uint8Array[]
  /** Provenances that sign the Bundle and are no entries of it. */
  readonly provenances: readonly Resource[]
}

/** What reads a signature beside a document. @throws FhirError with the first reason to refuse it */
type BesideReader = (content: Uint8Array, document: Surrounded, surroundings: Surroundings) => Reading

interface BesideRow {
  readonly syntax: Syntax
  /** By the first character that is no blank. */
  readonly begins: RegExp
  readonly read: BesideReader
}

/** The first row whose pattern fits reads. */
const ROWS: readonly BesideRow[] = [
  {
    syntax: 'JWS',
    begins: /^\s*[{A-Za-z0-9_-]/,
    read: (content, document) => readDetached(readSidecar(content), targetOf(document)),
  },
  {
    syntax: 'XML-DSig',
    begins: /^(?:\u00ef\u00bb\u00bf)?\s*</,
    read: (content, document, { model }) => readDetachedXml(content, xmlTargetOf(document, model)),
  },
]

function targetOf({ bundle, file }: Surrounded): Target {
  return bundle === undefined ? fileTarget(file ?? new Uint8Array()) : bundleTarget(bundle, file)
}

/** The Bundle in its forms of XML, and its file as it is. */
function xmlTargetOf({ bundle, file }: Surrounded, model: Model | undefined): Target {
  const ofFile = fileTarget(file ?? new Uint8Array())
  if (bundle === undefined || model === undefined) return ofFile
  const ofBundle = xmlTarget(bundle, model)
  const [first, ...others] = ofBundle.forms(undefined)
  return { ...ofBundle, forms: () => [first, ...others, ...(file === undefined ? [] : ofFile.forms(undefined))] }
}

/** The facts of every signature in a document and beside it. */
export function allFacts(document: Surrounded, surroundings: Surroundings): readonly Facts[] {
  const { bundle, sidecars, provenances } = document
  const placed =
    bundle === undefined ? [] : [...signaturesOf(bundle, provenances), ...partSignaturesOf(bundle, provenances)]
  const used = new Set<Uint8Array>()
  const inside = placed.map((one) => {
    const [content, sidecar] = sidecarOf(one, sidecars)
    if (content !== undefined) used.add(content)
    return bundle === undefined ? [] : [factsOf(bundle, { ...one, sidecar }, surroundings)]
  })
  const beside = sidecars.filter((content) => !used.has(content))
  return [...inside.flat(), ...beside.map((content) => besideFacts(content, document, surroundings))]
}

/** The sidecar that is the very signature of the document: the same header and the same value. */
function sidecarOf(
  { signature: { data } }: PlacedSignature,
  sidecars: readonly Uint8Array[],
): readonly [Uint8Array, Sidecar] | readonly [undefined, undefined] {
  const own = typeof data === 'string' ? unless(() => readData(data)) : undefined
  if (own === undefined) return [undefined, undefined]
  for (const content of sidecars) {
    const sidecar = unless(() => readSidecar(content))
    if (sidecar !== undefined && sidecar.protected === own.protected && isSame(sidecar.value, own.value))
      return [content, sidecar]
  }
  return [undefined, undefined]
}

/** What the work gives; undefined where it is refused, which is told elsewhere. */
function unless<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof FhirError) return undefined
    throw error
  }
}

const FIRST_BYTES = 100

function besideFacts(content: Uint8Array, document: Surrounded, surroundings: Surroundings): Facts {
  const start = Buffer.from(content.subarray(0, FIRST_BYTES)).toString('latin1')
  const row = ROWS.find(({ begins }) => begins.test(start))
  const base = { where: 'sidecar', signature: undefined, leftOut: [], atMs: surroundings.atMs }
  if (row === undefined) return { ...base, syntax: 'unknown', isRead: false }
  const { bundle } = document
  return certified(
    () => row.read(content, document, surroundings),
    { ...base, syntax: row.syntax, isRead: true },
    { bundle, surroundings },
  )
}
