/** The settings by which people log in. */

import * as shape from '../shape.ts'
import { hostName, optional, row, secret } from './setting.ts'

export const LOGIN_SETTINGS = {
  login: optional(
    'LOGIN',
    shape.oneOf(['local']),
    'a login for tests and demonstration on this machine alone, which asks nobody for a password; its tokens are taken too',
  ),
  loginClientId: optional(
    'LOGIN_CLIENT_ID',
    shape.text('text'),
    'the id under which the service is registered with the login provider (OpenID Connect): people log in where it is set',
  ),
  loginClientSecret: secret(
    optional('LOGIN_CLIENT_SECRET', shape.text('text'), 'the secret of that client, where it has one'),
  ),
  loginIssuer: optional(
    'LOGIN_ISSUER',
    shape.httpUrl,
    'the login provider; the issuer of AUTH_ISSUER where it is absent',
  ),
  loginHosts: optional(
    'LOGIN_HOSTS',
    shape.listOf(hostName),
    'further hosts that the login provider has its endpoints on; no others are ever asked',
  ),
  loginScope: row(
    'LOGIN_SCOPE',
    shape.text('scopes'),
    'what is asked of the login provider',
    'openid profile fhirUser',
  ),
  loginPurpose: row(
    'LOGIN_PURPOSE',
    shape.text('code'),
    'why those who log in read, as a code of v3-PurposeOfUse',
    'TREAT',
  ),
  loginIdle: row('LOGIN_IDLE', shape.wholeNumber(1, 1_440), 'after how many idle minutes a session is over', '30'),
  loginHours: row('LOGIN_HOURS', shape.wholeNumber(1, 168), 'after how many hours a session is over in any case', '12'),
} as const
