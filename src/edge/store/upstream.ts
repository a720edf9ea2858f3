/** The FHIR server that a deployment reads from, with the credentials and hosts of its settings. */

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fail } from '../../fhir/error.ts'
import type { Source } from '../../ports.ts'
import { assertionBy, readAssertionKey } from '../jose.ts'
import { backendServices, bearer } from '../network/authorization.ts'
import type { ExchangeOptions } from './exchange.ts'
import { restSource, type RestOptions } from './rest.ts'

/** As the settings have it. */
export interface UpstreamOptions extends Omit<RestOptions, 'authorization' | 'tokenHosts'> {
  readonly url: string
  readonly auth?: UpstreamAuth
}

export interface UpstreamAuth {
  /** A bearer token; or the following. */
  readonly token?: string
  readonly clientId?: string
  /** The file of the client's private key. */
  readonly key?: string
  readonly tokenUrl?: string
  readonly scope?: string
}

const SCOPE = 'system/*.rs'

/**
 * A source of what the server holds.
 * @throws FhirError `value` where the settings do not fit together, or the key cannot be read
 */
export async function upstreamSource(options: UpstreamOptions): Promise<Source> {
  const { url, auth, ...others } = options
  const tokenHosts = auth?.tokenUrl === undefined ? [] : [new URL(auth.tokenUrl).hostname]
  const authorization = await authorizationBy(url, auth)
  return restSource(url, { ...others, tokenHosts, ...(authorization !== undefined && { authorization }) })
}

async function authorizationBy(base: string, auth: UpstreamAuth = {}): Promise<ExchangeOptions['authorization']> {
  const { token, clientId, key, tokenUrl, scope = SCOPE } = auth
  if (token !== undefined && (clientId ?? key ?? tokenUrl) !== undefined)
    throw fail('value', 'The upstream has a bearer token and a client as well, expected one of them')
  if ((clientId === undefined) !== (key === undefined))
    throw fail('value', 'The upstream client lacks its id or its key, expected both or neither')
  if (clientId === undefined || key === undefined) {
    if (token === undefined) return undefined
    const authorization = bearer(token)
    return () => authorization
  }
  const signing = await readAssertionKey(await textOf(key))
  const assertion = (audience: string): Promise<string> =>
    assertionBy(signing, { clientId, audience, id: randomUUID(), issuedAt: Math.floor(Date.now() / 1000) })
  const client = { base, scope, assertion, ...(tokenUrl !== undefined && { tokenUrl }) }
  return (network) => backendServices(client, network)
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw fail('value', 'The key of the upstream client cannot be read, expected a file', { cause })
  })
}
