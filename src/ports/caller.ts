/** Who asks, as types only. */

/** What a person or a system may do by its office, beside what it may read. */
export type Role = 'compose' | 'attest' | 'sign' | 'read' | 'administer'

/** Who asks, as it was established at the door: by a bearer token, or by a session of the pages. */
export interface Caller {
  /** Who vouches for the identity, and by what it knows them. */
  readonly issuer: string
  readonly subject: string
  readonly name?: string
  /** The application that asks for them. */
  readonly client?: string
  /** Their own resource: `Practitioner/1`, or a URL. */
  readonly fhirUser?: string
  /** The one patient whom the token is about, by id. */
  readonly patient?: string
  /** As they were granted: `patient/Observation.rs?category=laboratory`. */
  readonly scopes: readonly string[]
  readonly roles: readonly Role[]
  /** Why they ask: codes of v3-PurposeOfUse such as `TREAT`. @see https://terminology.hl7.org/ValueSet-v3-PurposeOfUse.html */
  readonly purposes: readonly string[]
  /** Access in an emergency beyond what consent permits, with the reason given. */
  readonly emergency?: { readonly reason: string }
}
