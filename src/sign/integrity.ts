/** Whether the mathematics of a JWS hold over the document, and over what else they hold where they do not. */

import { fits, verifies } from './algorithms.ts'
import type { Header } from './header.ts'
import { signingInput, type Jws } from './jws.ts'
import type { IntegrityFacts } from './reading.ts'
import { isSame } from './schemes.ts'
import type { Form, Target } from './target.ts'
import type { Certificate } from './x509.ts'

export interface Found {
  readonly facts: IntegrityFacts
  /** The octets that the signature covers, or, where it does not hold, is to cover; undefined where they cannot be made. */
  readonly octets: Uint8Array | undefined
}

/** What the mathematics of the JWS hold over, the declared form of the document before all others. */
export function integrityOf(target: Target, jws: Jws, header: Header, { publicKey }: Certificate): Found {
  const { algorithm, canon } = header
  const fitsKey = fits(algorithm, publicKey)
  const over = (bytes: Uint8Array): boolean =>
    verifies(algorithm, publicKey, signingInput(jws.protected, bytes), jws.value)
  const forms = target.forms(canon)
  const held = firstHeld(forms, over)
  const form = held?.form ?? forms[0]
  const octets = held?.octets ?? form.octets?.()
  const facts = {
    form: form.name,
    omits: form.omits,
    fitsKey,
    holds: held !== undefined,
    payload: payloadOf(jws, octets),
    holdsOverPayload: held === undefined && jws.payload !== undefined && over(jws.payload),
    otherForm:
      held === undefined && fitsKey ? target.others(form.name).find((other) => over(other.octets()))?.name : undefined,
    ...(held !== undefined && { altered: form.altered?.() ?? [] }),
    notCovered: form.notCovered,
  }
  return { facts, octets }
}

function firstHeld(
  forms: readonly Form[],
  over: (octets: Uint8Array) => boolean,
): { readonly form: Form; readonly octets: Uint8Array } | undefined {
  for (const form of forms) {
    const octets = form.octets?.()
    if (octets !== undefined && over(octets)) return { form, octets }
  }
  return undefined
}

function payloadOf({ payload }: Jws, octets: Uint8Array | undefined): IntegrityFacts['payload'] {
  if (payload === undefined) return 'detached'
  return octets !== undefined && isSame(payload, octets) ? 'same' : 'other'
}
