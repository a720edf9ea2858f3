/** Tokens of the local provider for a code or for an earlier grant. @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3 */

import { createHash } from 'node:crypto'
import { APPLICATIONS, PEOPLE, type Application } from './people.ts'
import { secret, type Asked, type Desk, type Grant, type Reply } from './desk.ts'

const LIFE_SECONDS = 300

/** The tokens, or why there are none. */
export function exchange({ form, authorization }: Asked, desk: Desk): Reply {
  const isRefresh = form.get('grant_type') === 'refresh_token'
  const grant = isRefresh ? refreshed(form, desk) : redeemed(form, desk)
  // an application without a secret need not say its name once more: its token does
  const isNameless = isRefresh && authorization === '' && !form.has('client_id')
  const named = isNameless ? new URLSearchParams({ client_id: grant?.client ?? '' }) : form
  const client = clientOf(named, authorization)
  if (client === undefined) return { status: 401, body: { error: 'invalid_client' } }
  return grant?.client === client.id
    ? { status: 200, body: tokens(grant, desk) }
    : { status: 400, body: { error: 'invalid_grant' } }
}

/** An application with a secret proves that it has it; one without says its name. */
function clientOf(form: URLSearchParams, authorization: string): Application | undefined {
  const [scheme, value = ''] = authorization.split(' ')
  const [id = '', ...rest] =
    scheme === 'Basic'
      ? Buffer.from(value, 'base64').toString().split(':').map(decodedForm)
      : [form.get('client_id') ?? '']
  const given = scheme === 'Basic' ? rest.join(':') : (form.get('client_secret') ?? undefined)
  return APPLICATIONS.find((one) => one.id === id && one.secret === given)
}

function decodedForm(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}

/** Each code is worth something once. */
function redeemed(form: URLSearchParams, { codes }: Desk): Grant | undefined {
  const code = form.get('code') ?? ''
  const grant = codes.get(code)
  codes.delete(code)
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url')
  return grant?.challenge === challenge && grant.redirectUri === form.get('redirect_uri') ? grant : undefined
}

function refreshed(form: URLSearchParams, { refreshes }: Desk): Grant | undefined {
  const token = form.get('refresh_token') ?? ''
  const grant = refreshes.get(token)
  refreshes.delete(token)
  return grant
}

function tokens(grant: Grant, desk: Desk): object {
  const { issuer, audience, signer, refreshes } = desk
  const { client, person: id, scope, context, nonce } = grant
  const person = PEOPLE.find((one) => one.id === id)
  const iat = Math.floor(Date.now() / 1000)
  const about = { iss: issuer, sub: id, iat, exp: iat + LIFE_SECONDS }
  const user = { fhirUser: person?.fhirUser, roles: person?.roles, name: person?.name }
  const text = scope.join(' ')
  const access = { ...about, ...user, ...context, aud: audience(), client_id: client, scope: text, jti: secret() }
  const isLasting = scope.includes('offline_access') || scope.includes('online_access')
  const refresh = isLasting ? secret() : undefined
  if (refresh !== undefined) refreshes.set(refresh, grant)
  return {
    access_token: signer.sign(access, 'at+jwt'),
    token_type: 'Bearer',
    expires_in: LIFE_SECONDS,
    scope: text,
    ...context,
    ...(context.patient !== undefined && { need_patient_banner: true }),
    ...(scope.includes('openid') && { id_token: signer.sign({ ...about, ...user, aud: client, nonce }, 'JWT') }),
    ...(refresh !== undefined && { refresh_token: refresh }),
  }
}
