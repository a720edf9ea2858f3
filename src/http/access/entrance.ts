/** The way in: who asks, whether the route is for them, and the store as far as it is theirs. */

import { isGranted, rightsOf, type Rights } from '../../access/rights.ts'
import type { Guard } from '../../guard/guard.ts'
import { guardedSource } from '../../guard/source.ts'
import { guardedStore } from '../../guard/store.ts'
import { onceFor } from '../../fhir/memo.ts'
import type { Caller } from '../../ports.ts'
import { refuse, type Refusal } from '../answer.ts'
import type { Match } from '../match.ts'
import type { Asking, Call, Knock, Route, Service } from '../route.ts'
import type { Need } from './need.ts'
import { neededOf, needOf } from './needs.ts'

export type Entered = Pick<Call, 'service' | 'caller'>

/**
 * The service as the caller may use it; as it is where no authentication is configured.
 * @throws Refusal 401 where nobody is known or a token does not hold, 403 where the route is not for the caller
 */
export async function entered(knock: Knock, { route, variables }: Match, service: Service): Promise<Entered> {
  if (service.door === undefined) return { service }
  const need = neededFor(route)
  if (need?.isPublic === true) return { service }
  const caller = await service.door.callerOf(knock)
  if (caller === undefined) throw unknown()
  if (need === undefined) throw refuse(403, 'forbidden', 'Nothing says who may use this, so nobody may')
  const rights = rightsFor(caller, service.base)
  const isConditional = knock.header('If-None-Exist') !== undefined
  mustMeet(need, { type: variables.type, isConditional }, rights)
  return { caller, service: guardedService(service, need, rights) }
}

/** What a row needs, looked up once for it. */
const neededFor = onceFor((route: Route) => needOf(route))

/** Nobody said who they are. @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1 */
function unknown(): Refusal {
  return refuse(401, 'login', 'Nobody says who asks, expected a bearer token', { 'WWW-Authenticate': 'Bearer' })
}

/** What somebody was found to meet, of the needs that are the same whatever is asked for: neither they nor the rights change. */
const met = new WeakMap<Rights, WeakSet<Need>>()

/** @throws Refusal 403 */
function mustMeet(need: Need, asked: Pick<Asking, 'type' | 'isConditional'>, rights: Rights): void {
  const own = met.get(rights) ?? new WeakSet()
  const isFixed = asked.isConditional !== true && need.scopes?.every(({ type }) => type !== undefined) !== false
  if (isFixed && own.has(need)) return
  mustGrant(need, asked, rights)
  if (isFixed) met.set(rights, own.add(need))
}

/** @throws Refusal 403 */
function mustGrant(need: Need, asked: Pick<Asking, 'type' | 'isConditional'>, rights: Rights): void {
  const missing = neededOf(need, asked).find(({ letters, type }) =>
    [...letters].some((letter) => !isGranted(rights, letter, type)),
  )
  if (missing !== undefined) throw insufficient(missing)
  if (need.role === undefined || rights.caller.roles.includes(need.role)) return
  throw refuse(403, 'forbidden', `This needs the role ${need.role}`)
}

function insufficient({ letters, type }: { readonly letters: string; readonly type: string }): Refusal {
  const wanted = `system/${type}.${letters}`
  const text = `No scope grants this, expected one such as ${wanted}`
  const challenge = `Bearer error="insufficient_scope", error_description="${text}", scope="${wanted}"`
  return refuse(403, 'forbidden', text, { 'WWW-Authenticate': challenge })
}

/** The rights of those who came lately, as the same object each time: what was decided of a resource is remembered by it. */
const lately = new Map<string, Rights>()
/** Of the same caller as the very same object, as one token gives it. */
const byCaller = new WeakMap<Caller, Readonly<Record<string, Rights>>>()
const MOST_REMEMBERED = 1_000

function rightsFor(caller: Caller, base: string): Rights {
  const known = byCaller.get(caller)?.[base]
  if (known !== undefined) return known
  const rights = lateRights(caller, base)
  byCaller.set(caller, { ...byCaller.get(caller), [base]: rights })
  return rights
}

function lateRights(caller: Caller, base: string): Rights {
  const key = JSON.stringify([base, caller])
  const known = lately.get(key)
  lately.delete(key)
  const rights = known ?? rightsOf(caller, base)
  lately.set(key, rights)
  const [oldest] = lately.keys()
  if (lately.size > MOST_REMEMBERED && oldest !== undefined) lately.delete(oldest)
  return rights
}

function guardedService(service: Service, need: Need, rights: Rights): Service {
  const { store, upstream, design, base, edge, consentDefault = 'permit', withheld = 'refuse' } = service
  const guard: Guard = {
    rights,
    letters: need.seen ?? 'rs',
    ...(need.writing !== undefined && { writing: need.writing }),
    compartment: design.collect.compartment,
    base,
    consentDefault,
    withheld,
    now: () => edge.now(),
    inUse: {},
  }
  return {
    ...service,
    store: guardedStore(store, guard),
    ...(upstream !== undefined && { upstream: upstream.map((source) => guardedSource(source, guard, store)) }),
    mustAllow: (asked) => {
      const own = needOf(asked)
      if (own === undefined) throw refuse(403, 'forbidden', 'Nothing says who may use this, so nobody may')
      mustMeet(own, asked, rights)
    },
  }
}
