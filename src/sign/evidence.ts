/** What signatures are judged with, from the octets that the faces have it in. */

import { readOcsp } from './ocsp.ts'
import { readTrustedList } from './trusted-list.ts'
import type { Evidence } from './trust.ts'
import { readCertificate, readCrl } from './x509.ts'

/** Trust anchors and what is known of revocation. */
export interface EvidenceRequest {
  /** Trust anchors, DER. */
  readonly trust?: readonly Uint8Array[]
  /** ETSI trusted lists, XML; each counts where one of the anchors vouches for who signed it. */
  readonly trustedLists?: readonly Uint8Array[]
  /** Certificate revocation lists, DER. */
  readonly crls?: readonly Uint8Array[]
  /** OCSP responses, DER. */
  readonly ocsps?: readonly Uint8Array[]
}

/**
 * The evidence at a time; without it no trusted list counts, as none is known to be in force.
 * @throws FhirError where a part cannot be read, `security` where a trusted list is not to be trusted
 */
export function evidenceOf(request: EvidenceRequest, atMs: number | undefined): Evidence {
  const { trust = [], trustedLists = [], crls = [], ocsps = [] } = request
  const anchors = trust.map(readCertificate)
  const isListed = trustedLists.length > 0 && atMs !== undefined
  const list = isListed ? trustedLists.flatMap((content) => readTrustedList(content, { anchors, atMs })) : []
  return {
    anchors,
    ...(isListed && { services: { list, nowMs: atMs } }),
    material: [{ crls: crls.map(readCrl), ocsps: ocsps.map(readOcsp) }],
  }
}
