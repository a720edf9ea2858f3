/** Signatures above level B, made with the time-stamping authority and the revocation services that the deployment names. */

import { fromBase64, toBase64 } from '../../fhir/digest.ts'
import { fail } from '../../fhir/error.ts'
import type { Bundle, Resource } from '../../fhir/types.ts'
import { outlast, stamped, type Lasting } from '../../pipeline.ts'
import type { Shape } from '../../shape.ts'
import type { Service } from '../route.ts'

const base64: Shape<Uint8Array> = { label: 'base64', read: (value) => fromBase64(value) }

/** The sidecar of a signature, as a parameter. */
export const SIDECAR = {
  shape: base64,
  type: 'base64Binary',
  text: 'the JWS in JSON that stands beside the document for a level above B, as base64 or in a Binary',
} as const

const LEVELS = ['T', 'LT', 'LTA'] as const

/** The levels that the settings allow for the JWS of a document: time-stamps need an authority, the others anchors too. */
export function levelsFor({ signature }: Bundle, { stamper, trust }: Service): readonly Lasting['level'][] {
  const isJws = signature !== undefined && !/xml|image|pdf|pkcs7/.test(String(signature.sigFormat))
  if (!isJws || stamper === undefined) return []
  return LEVELS.filter((level) => level === 'T' || (trust.trust ?? []).length > 0)
}

interface Wishes {
  readonly level?: 'B' | Lasting['level'] | undefined
  readonly as?: 'bundle' | 'provenance' | 'beside' | undefined
}

/**
 * What a level is made with; undefined for level B.
 * @throws FhirError `not-supported` where the deployment names no authority, or the signature is to stand in a Provenance
 */
export function lastingOf({ level = 'B', as = 'bundle' }: Wishes, { stamper, trust }: Service): Lasting | undefined {
  if (level === 'B') return undefined
  if (as !== 'bundle')
    throw fail('not-supported', `The level ${level} is for a signature in the Bundle, not for one in a Provenance`)
  if (stamper === undefined)
    throw fail('not-supported', `This service has no time-stamping authority, which level ${level} needs`)
  const { trust: anchors = [] } = trust
  if (level !== 'T' && anchors.length === 0)
    throw fail('not-supported', `This service has no trust anchors, which level ${level} needs`)
  return { ...trust, level, stamper }
}

/**
 * A signed document at the level: of a JWS the document as it is and its sidecar, as Parameters; of a signature in XML the
 * document, whose signature bears the time-stamp itself.
 */
export async function lasted(
  bundle: Bundle,
  lasting: Lasting,
  { design, edge }: Service,
  sidecar?: Uint8Array,
): Promise<Resource> {
  if (!isXml(bundle)) {
    const data = toBase64(Buffer.from(await outlast(bundle, lasting, edge, sidecar)))
    const binary = { resourceType: 'Binary', contentType: 'application/jose+json', data }
    const parameter = [
      { name: 'return', resource: bundle },
      { name: 'sidecar', resource: binary },
    ]
    return { resourceType: 'Parameters', parameter }
  }
  if (lasting.level !== 'T')
    throw fail('not-supported', `A signature in XML has no level ${lasting.level} here, supported: B, T`)
  return stamped(bundle, lasting, design, edge)
}

function isXml({ signature }: Bundle): boolean {
  return /xml/.test(String(signature?.sigFormat ?? ''))
}
