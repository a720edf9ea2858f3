/** What a signature may be over: a Bundle in one of its canonical forms, or octets as they are. */

import type { Bundle } from '../fhir/types.ts'
import { alteredPlaces } from './numbers.ts'
import { formsOf, octets, omitted, otherForms, type OtherForm } from './octets.ts'

/** One form of a document. */
export interface Form {
  readonly name: string
  /** The members of the Bundle that it leaves out; undefined where it is no form that can be made here. */
  readonly omits: readonly string[] | undefined
  /** Undefined where it is no form that can be made here. */
  readonly octets?: () => Uint8Array
  /** What may change without another octet. */
  readonly notCovered: readonly string[]
  /** The expressions of numbers that the octets do not tell from others. */
  readonly altered?: () => readonly string[]
}

export interface Target {
  /** The forms that a signature may cover which declares the one given, or none. */
  readonly forms: (declared: string | undefined) => readonly [Form, ...Form[]]
  /** Forms under which it may hold although it declares another, for diagnosis only. */
  readonly others: (declared: string) => readonly OtherForm[]
}

/** H-5 of the safety table: what no canonical form of JSON covers, in the signature itself and elsewhere. */
const NEVER_COVERED = [
  'Bundle.signature.who',
  'Bundle.signature.onBehalfOf',
  'Bundle.signature.type',
  'the precision of decimals (trailing zeros)',
]

/** The Bundle in its canonical forms, and as its file was where that is known. */
export function bundleTarget(bundle: Bundle, file?: Uint8Array): Target {
  return {
    forms: (declared) => {
      const [first, ...others] = formsOf(bundle, declared)
      const isDeclared = declared !== undefined || bundle.signature?.targetFormat !== undefined
      const asItIs = file === undefined || isDeclared ? [] : [fileForm(file)]
      return [canonicalForm(bundle, first), ...others.map((name) => canonicalForm(bundle, name)), ...asItIs]
    },
    others: (declared) => otherForms(bundle, declared),
  }
}

function canonicalForm(bundle: Bundle, name: string): Form {
  const omits = omitted(name)
  if (omits === undefined) return { name, omits, notCovered: [] }
  const members = omits.filter((member) => member !== 'signature').map((member) => `Bundle.${member}`)
  return {
    name,
    omits,
    octets: () => octets(bundle, name),
    notCovered: [...members, ...NEVER_COVERED, ...addedTo(bundle)],
    altered: () => alteredPlaces(bundle, 'Bundle'),
  }
}

/** The members of a signature that are judged, or told already. */
const JUDGED: ReadonlySet<string> = new Set(['type', 'when', 'who', 'onBehalfOf', 'targetFormat', 'sigFormat', 'data'])

/** What else stands in the signature of a Bundle: no form covers it, so anybody may have put it there. */
export function addedTo({ signature = {} }: Bundle): readonly string[] {
  const added = Object.keys(signature).filter((name) => !JUDGED.has(name))
  return added.map((name) => `Bundle.signature.${name}`)
}

/** Octets as they are. */
export function fileTarget(file: Uint8Array): Target {
  return { forms: () => [fileForm(file)], others: () => [] }
}

function fileForm(file: Uint8Array): Form {
  return { name: 'the octets of the file', omits: [], octets: () => file, notCovered: [] }
}
