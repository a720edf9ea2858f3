/** Login of people as the settings have it. */

import { rolesOf, type RoleRow } from './access/roles.ts'
import { parseScope } from './access/scopes.ts'
import { fail } from './fhir/error.ts'
import type { Instant } from './fhir/types.ts'
import type { Authority, Login, Sessions } from './ports/login.ts'
import type { Knock } from './http/route.ts'
import type { Caller } from './ports.ts'
import { isLoopback, PREFIX, type Settings } from './settings.ts'
import { sessionCaller } from './web/session.ts'

/** Settings that name the local provider, and its end. */
export interface LocalLogin {
  readonly settings: Settings
  readonly close: () => Promise<void>
}

/**
 * The settings with the local provider as login and issuer of tokens where they ask for it; else as they are.
 * @throws FhirError `value` beyond loopback, or where another login or issuer is named
 */
export async function withLocalLogin(settings: Settings, audience: string): Promise<LocalLogin> {
  const { login, host, authIssuer, loginIssuer, loginClientId } = settings
  if (login === undefined) return { settings, close: () => Promise.resolve() }
  const others = [authIssuer, loginIssuer, loginClientId].some((other) => other !== undefined)
  if (!isLoopback(host) || others)
    throw fail('value', `${PREFIX}LOGIN is ${login}, expected only on loopback, without another login or issuer`)
  const { APPLICATIONS, localProvider } = await import('./edge/login/local/provider.ts')
  const provider = await localProvider({ audience: () => audience })
  const { issuer } = provider
  const [{ id, secret }] = APPLICATIONS
  const named = { authIssuer: issuer, loginIssuer: issuer, loginClientId: id, loginClientSecret: secret }
  return { settings: { ...settings, ...named }, close: () => provider.close() }
}

/** What the issuer of tokens says of itself, for applications that look for one; undefined where there is none. */
export async function issuerOf({ authIssuer: issuer }: Settings): Promise<(() => Promise<Authority>) | undefined> {
  if (issuer === undefined) return undefined
  const { authorityOf } = await import('./edge/login/authority.ts')
  return authorityOf({ issuer })
}

export interface SigningIn {
  readonly settings: Settings
  readonly sessions: Sessions
  readonly now: () => Instant
  /** How claims become offices. */
  readonly roles: readonly RoleRow[]
  /** The issuer of tokens, where one is configured. */
  readonly issuer?: string | undefined
}

const TIMEOUT_MS = 10_000

/** What the service has of people who log in. */
export interface People {
  readonly login: Login
  /** Who asks by the session of a browser. */
  readonly callerOf: (knock: Knock) => Promise<Caller | undefined>
}

/** Login and sessions, where the settings name a client of a login provider. @throws FhirError `value` where they do not fit together */
export async function peopleOf(signingIn: SigningIn): Promise<People | undefined> {
  const login = await loginOf(signingIn)
  const { baseUrl: base = 'http:' } = signingIn.settings
  return login === undefined ? undefined : { login, callerOf: (knock) => sessionCaller(knock, { base, login }) }
}

/** The login, where the settings name a client of one. @throws FhirError `value` where they do not fit together */
async function loginOf({ settings, sessions, now, roles, issuer: ofTokens }: SigningIn): Promise<Login | undefined> {
  const { loginClientId: clientId, loginClientSecret: clientSecret, loginHosts = [] } = settings
  if (clientId === undefined) return undefined
  const issuer = settings.loginIssuer ?? ofTokens
  if (issuer === undefined) throw fail('value', `${PREFIX}LOGIN_CLIENT_ID is set, expected ${PREFIX}LOGIN_ISSUER too`)
  const { hostname, protocol } = new URL(issuer)
  if (protocol === 'http:' && !isLoopback(hostname))
    throw fail('value', `${PREFIX}LOGIN_ISSUER is no https URL, expected one beyond this machine`)
  const [{ openNetwork }, { openProvider }, { openLogin }, { callerFrom }] = await Promise.all([
    import('./edge/network/network.ts'),
    import('./edge/login/openid.ts'),
    import('./edge/login/login.ts'),
    import('./edge/login/caller.ts'),
  ])
  const network = openNetwork([hostname, ...loginHosts], { timeoutMs: TIMEOUT_MS })
  const scope = settings.loginScope
  const provider = openProvider({ issuer, clientId, clientSecret, scope, network, timeoutMs: TIMEOUT_MS })
  const rules = {
    issuer,
    client: clientId,
    rolesOf: (claims: Parameters<typeof rolesOf>[0]) => rolesOf(claims, roles),
    isOverResources: (one: string) => parseScope(one) !== undefined,
    purpose: settings.loginPurpose,
  }
  return openLogin({
    provider,
    sessions,
    now,
    callerOf: (identity) => callerFrom(identity, rules),
    idleMs: settings.loginIdle * 60_000,
    lifeMs: settings.loginHours * 3_600_000,
  })
}
