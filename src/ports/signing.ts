/** What signatures need of the outside, as types only. */

/** The JWS algorithms that documents are signed with. @see https://www.rfc-editor.org/rfc/rfc7518#section-3.1 */
export type Alg = 'RS256' | 'PS256' | 'ES256' | 'ES384'

/** A private key behind its certificate: a file, a card and a remote signer look alike. */
export interface SigningKey {
  readonly alg: Alg
  /** DER, leaf first; empty where a key came without certificates. */
  readonly certificates: readonly Uint8Array[]
  /** The signature in JWS form (ECDSA as IEEE P1363). */
  sign(octets: Uint8Array): Promise<Uint8Array>
  /** The key for the next signature, where it may be changed while the service runs. */
  readonly current?: () => Promise<SigningKey>
}

/** A time-stamping authority. @see https://www.rfc-editor.org/rfc/rfc3161 */
export interface TimeStamper {
  /** A token, DER, over the SHA-256 digest given. @throws FhirError `timeout`, `no-store` where none is to be had */
  stamp(digest: Uint8Array): Promise<Uint8Array>
}

/** Where certificates, DER, are asked after. Nobody is asked whom the deployment did not name. */
export interface Revocations {
  /** An OCSP response, DER; undefined where there is nobody to ask. @throws FhirError `timeout`, `no-store` */
  ocsp(certificate: Uint8Array, issuer: Uint8Array): Promise<Uint8Array | undefined>
  /** The revocation list of its issuer, DER; undefined where there is nobody to ask. @throws FhirError `timeout`, `no-store` */
  crl(certificate: Uint8Array): Promise<Uint8Array | undefined>
}
