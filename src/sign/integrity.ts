/** Whether the mathematics of a signature hold over the Bundle, and over what else they hold where they do not. */

import type { Bundle } from '../fhir/types.ts'
import { fits, verifies } from './algorithms.ts'
import type { Header } from './header.ts'
import { signingInput, type Jws } from './jws.ts'
import { formsOf, octets, omitted, otherForms } from './octets.ts'
import type { Certificate } from './x509.ts'

export interface IntegrityFacts {
  /** The canonical form over which the mathematics hold; where they do not, the one that is declared. */
  readonly form: string
  /** The members of the Bundle that the form leaves out; undefined where it is no form that can be made here. */
  readonly omits: readonly string[] | undefined
  readonly fitsKey: boolean
  /** Whether the mathematics hold over the declared form of the Bundle. */
  readonly holds: boolean
  readonly payload: 'detached' | 'same' | 'other'
  /** Whether they hold over a payload that the signature brings along and that is not this Bundle. */
  readonly holdsOverPayload: boolean
  /** Another form of the Bundle over which they hold, where they do not over the declared one. */
  readonly otherForm: string | undefined
}

export function integrityOf(bundle: Bundle, jws: Jws, header: Header, { publicKey }: Certificate): IntegrityFacts {
  const { algorithm, canon } = header
  const fitsKey = fits(algorithm, publicKey)
  const over = (bytes: Uint8Array): boolean =>
    verifies(algorithm, publicKey, signingInput(jws.protected, bytes), jws.value)
  const forms = formsOf(bundle, canon)
  const held = forms.find((name) => omitted(name) !== undefined && over(octets(bundle, name)))
  const form = held ?? forms[0]
  const omits = omitted(form)
  const payload =
    jws.payload === undefined
      ? 'detached'
      : omits !== undefined && isSame(jws.payload, octets(bundle, form))
        ? 'same'
        : 'other'
  return {
    form,
    omits,
    fitsKey,
    holds: held !== undefined,
    payload,
    holdsOverPayload: held === undefined && jws.payload !== undefined && over(jws.payload),
    otherForm:
      held === undefined && fitsKey ? otherForms(bundle, form).find((other) => over(other.octets()))?.name : undefined,
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}
