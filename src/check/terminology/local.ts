/** Terminology as far as the definitions at hand know it. @see https://hl7.org/fhir/R4/terminologies.html */

import type { Library } from '../../fhir/library.ts'
import type { Terminology } from '../profile/terminology.ts'
import { termsOf, type Terms } from './value-set.ts'

/** Judges by value sets and code systems at hand, and by grammars; what they leave open is unknown. */
export function localTerminology(library: Library): Terminology {
  const terms = termsFor(library)
  return { judge: (valueSet, coding, from) => terms.members(valueSet, from)(coding) }
}

const known = new WeakMap<Library, Terms>()

/** The terms of a library, made once. */
export function termsFor(library: Library): Terms {
  let terms = known.get(library)
  if (terms === undefined) known.set(library, (terms = termsOf(library)))
  return terms
}
