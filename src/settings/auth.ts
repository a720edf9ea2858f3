/** The settings by which callers are known and what they may. */

import * as shape from '../shape.ts'
import { optional, row, secret } from './setting.ts'

export const AUTH_SETTINGS = {
  authIssuer: optional(
    'AUTH_ISSUER',
    shape.httpUrl,
    'who issues the bearer tokens that callers show (OAuth 2.0): nobody is answered without one where it is set',
  ),
  authAudience: optional(
    'AUTH_AUDIENCE',
    shape.listOf(shape.text('text')),
    'what tokens must be for, one of them; the FHIR base as clients see it where it is absent',
  ),
  authJwks: optional(
    'AUTH_JWKS',
    shape.text('URL or file'),
    'the keys of the issuer (JWKS); where it is absent the issuer says where they are, on its own host',
  ),
  authRoles: optional(
    'AUTH_ROLES',
    shape.text('file'),
    'JSON list of {"claim": …, "value": …, "roles": […]}: which claims of a token give which roles (compose, attest, sign, read, administer); the claim roles names them where it is absent',
  ),
  authClockTolerance: row(
    'AUTH_CLOCK_TOLERANCE',
    shape.wholeNumber(0, 600),
    'how many seconds the clocks of issuer and service may differ by',
    '30',
  ),
  authIntrospection: optional(
    'AUTH_INTROSPECTION',
    shape.httpUrl,
    'where tokens are asked about (RFC 7662): each token is, and only those that are active are taken',
  ),
  authClientId: optional('AUTH_CLIENT_ID', shape.text('text'), 'the id by which the service asks there'),
  authClientSecret: secret(optional('AUTH_CLIENT_SECRET', shape.text('text'), 'the secret of that id')),
  consentDefault: row(
    'CONSENT_DEFAULT',
    shape.oneOf(['permit', 'deny']),
    'what counts where no stored Consent of a patient says anything',
    'permit',
  ),
  withheld: row(
    'WITHHELD',
    shape.oneOf(['refuse', 'section']),
    'what becomes of a document that something is withheld from: it is refused, or its section says so',
    'refuse',
  ),
} as const
