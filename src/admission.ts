/** Who is let in as the settings have it: the door, and what the roles of a token come from. */

import { DEFAULT_ROLES, roleRowsIn, rolesOf, type RoleRow } from './access/roles.ts'
import { readWhole } from './edge/files.ts'
import { fail } from './fhir/error.ts'
import { parseJson } from './fhir/json.ts'
import { openDoor, type DoorOptions } from './http/access/door.ts'
import type { Door } from './http/route.ts'
import { isLoopback, PREFIX, type Settings } from './settings.ts'

/** How claims become offices: the table of the settings, or that which names them. @throws FhirError `structure` */
export async function roleRows({ authRoles }: Pick<Settings, 'authRoles'>): Promise<readonly RoleRow[]> {
  if (authRoles === undefined) return DEFAULT_ROLES
  const rows = roleRowsIn(parseJson(await readWhole(authRoles)))
  if (rows !== undefined) return rows
  const expected = 'a JSON list of {"claim": "roles", "value": "physician", "roles": ["compose", "sign"]}'
  throw fail('structure', `The table of ${PREFIX}AUTH_ROLES is not understood, expected ${expected}`)
}

/**
 * The door, where the settings say who is known; undefined where they name nobody, so that everything is allowed.
 * @throws FhirError `value` where they do not fit together
 */
export async function doorOf(
  settings: Settings,
  {
    roles,
    base,
    session,
  }: { readonly roles: readonly RoleRow[]; readonly base: string } & Pick<DoorOptions, 'session'>,
): Promise<Door | undefined> {
  const bearer = settings.authIssuer === undefined ? undefined : await tokensOf(settings, { roles, base })
  return bearer === undefined && session === undefined ? undefined : openDoor({ bearer, session })
}

async function tokensOf(
  settings: Settings,
  { roles, base }: { readonly roles: readonly RoleRow[]; readonly base: string },
): Promise<DoorOptions['bearer']> {
  const { authIssuer: issuer = '', authAudience, authJwks: jwks, authIntrospection: url } = settings
  for (const address of [issuer, jwks, url]) mustBeSecret(address)
  const [{ introspection }, { issuerKeys }, { openTokens }] = await Promise.all([
    import('./edge/tokens/introspection.ts'),
    import('./edge/tokens/issuer-keys.ts'),
    import('./edge/tokens/tokens.ts'),
  ])
  return openTokens({
    issuer,
    audience: authAudience ?? [base],
    clockToleranceSeconds: settings.authClockTolerance,
    keys: issuerKeys({ issuer, jwks }),
    introspection:
      url === undefined
        ? undefined
        : introspection({ url, clientId: settings.authClientId, clientSecret: settings.authClientSecret }),
    rolesOf: (claims) => rolesOf(claims, roles),
  })
}

/** Keys that came over an open line are nobody's. @throws FhirError `value` for an http URL beyond this machine */
function mustBeSecret(address: string | undefined): void {
  const url = address === undefined ? null : URL.parse(address)
  if (url?.protocol !== 'http:' || isLoopback(url.hostname)) return
  throw fail('value', `An address of ${PREFIX}AUTH_* is no https URL, expected one beyond this machine`)
}
