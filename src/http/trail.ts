/** The trail of each request: which kind of act it is, and where it came from. */

import { KINDS } from '../audit/kinds.ts'
import { patientsBy } from '../audit/patients.ts'
import { trailOf, type Trail } from '../audit/trail.ts'
import { fail } from '../fhir/error.ts'
import { onceFor } from '../fhir/memo.ts'
import type { Settings } from '../settings.ts'
import type { Match } from './match.ts'
import type { Door, Route, Service } from './route.ts'

/**
 * The audit as the settings say it: on where somebody can be known, unless it is switched off.
 * @throws FhirError `value` where it is on and the store keeps none
 */
export function auditOf({ audit }: Pick<Settings, 'audit'>, service: Audited): Pick<Service, 'audit'> {
  const { door, login, store, design } = service
  const isOn = audit === undefined ? door !== undefined || login !== undefined : audit === 'on'
  if (!isOn) return {}
  if (store.audit === undefined) throw fail('value', 'The audit is on, but the store keeps none')
  return { audit: { log: store.audit, patientsOf: patientsBy(design.collect.compartment, () => service.base) } }
}

type Audited = Pick<Service, 'door' | 'login' | 'store' | 'design' | 'base'>

/** Rows that are no operation and no interaction, by their address: what they do; none where they tell nothing of the record. */
const ACTS_OF_PATHS: Readonly<Record<string, string | undefined>> = {
  'GET /fhir/metadata': undefined,
  'GET /fhir/OperationDefinition/:id': 'read',
  'GET /fhir/Binary/:id': 'read',
  'GET /fhir/Binary/:id/_history/:vid': 'vread',
  'PUT /fhir/Binary/:id': 'update',
  'POST /fhir/Binary': 'create',
  'GET /openapi.json': undefined,
  'GET /': undefined,
  'GET /app/login': undefined,
  'GET /app/login/callback': 'login',
  'POST /app/logout': 'logout',
  'POST /app/language': undefined,
  'GET /app/document/:id/accesses': 'accesses',
  'GET /healthz': undefined,
  'GET /readyz': undefined,
  'GET /metrics': undefined,
  'GET /.well-known/smart-configuration': undefined,
  'GET /fhir/.well-known/smart-configuration': undefined,
}

/** The kind of act that a row is; undefined where it is none. A page is one as soon as it shows something of the record. */
export function actOfRoute({ method, path, operation, interaction, act }: Route): string | undefined {
  if (act !== undefined) return act
  if (operation !== undefined) return `$${operation.code}`
  const [code] = interaction?.codes ?? []
  if (code !== undefined) return code
  const key = `${method} ${path}`
  if (Object.hasOwn(ACTS_OF_PATHS, key)) return ACTS_OF_PATHS[key]
  return method === 'GET' ? 'page' : 'form'
}

/** The same, of a row that is asked for again and again. */
const actOf = onceFor(actOfRoute)

/** Whether the table of kinds has a row for what a route does, or the route is known to be no act. */
export function isInAudit(route: Route): boolean {
  const act = actOfRoute(route)
  return act === undefined || Object.hasOwn(KINDS, act)
}

/** What of a request the audit tells. */
export interface Origin {
  readonly requestId: string
  readonly address: string | undefined
  /** As it came, with its query. */
  readonly url: string
}

/** The trail of a request to a row; undefined where nothing is recorded. */
export function trailFor(origin: Origin, { route, variables }: Match, service: Service): Trail | undefined {
  const kind = service.audit === undefined ? undefined : actOf(route)
  if (kind === undefined) return undefined
  const asked = addressOf(route, variables)
  const start = origin.url.indexOf('?')
  const query = start < 0 ? '' : origin.url.slice(start + 1)
  const isQueried = query !== '' || kind.startsWith('search')
  return trailBy(
    origin,
    {
      kind,
      route: nameOf(route),
      ...(asked !== '' && { asked }),
      ...(isQueried && { query, patients: patientsIn(query) }),
    },
    service,
  )
}

/** `GET /fhir/:type/:id` */
const nameOf = onceFor(({ method, path }: Route) => `${method} ${path}`)

/** What of the record the address names: `Patient/1`, or a type alone. */
function addressOf(route: Route, variables: Match['variables']): string {
  const values: Readonly<Record<string, string>> = { ...variables }
  return segmentsOf(route)
    .map((segment) => (segment.startsWith(':') ? (values[segment.slice(1)] ?? '') : segment))
    .join('/')
}

/** The segments of a path that name something of the record, or stand for what does. */
const segmentsOf = onceFor(({ path }: Route): readonly string[] => {
  if (!path.startsWith('/fhir/')) return []
  const named = path.split('/').slice(2)
  return named.filter((segment) => !segment.startsWith('$') && segment !== '_search')
})

/** The trail of a request that was refused before any row was found for it. */
export function refusalTrail(origin: Origin, service: Service): Trail | undefined {
  return trailBy(origin, { kind: 'refused' }, service)
}

/** The patients whom a query names: whoever asks about somebody asked, whatever is found. */
function patientsIn(query: string): readonly string[] {
  // most name nobody, and taking one apart takes time
  if (!/patient|subject|%/.test(query)) return []
  return [...new URLSearchParams(query)].flatMap(([name, value]) => {
    const [, parameter, type] = /^(patient|subject)(?::(Patient))?$/.exec(name) ?? []
    const isId = parameter === 'patient' || type !== undefined
    return value.split(',').flatMap((one) => {
      if (/^Patient\/[A-Za-z0-9.-]{1,64}$/.test(one)) return parameter === undefined ? [] : [one]
      return isId && /^[A-Za-z0-9.-]{1,64}$/.test(one) ? [`Patient/${one}`] : []
    })
  })
}

/** What an IPv4 address begins with where a socket takes both kinds. */
const MAPPED = '::ffff:'

type Named = Pick<Parameters<typeof trailOf>[0], 'kind' | 'route' | 'asked' | 'query' | 'patients'>

function trailBy({ requestId, address }: Origin, named: Named, { audit, base }: Service): Trail | undefined {
  if (audit === undefined) return undefined
  const from = address?.startsWith(MAPPED) === true ? address.slice(MAPPED.length) : address
  const request = { ...named, request: requestId, ...(from !== undefined && { address: from }), server: base }
  return trailOf(request, { ...audit, now: () => new Date().toISOString() })
}

/** The service as a request works with it: all that it does with the store and elsewhere is noted. */
export function recording(service: Service, trail: Trail | undefined): Service {
  if (trail === undefined) return service
  const { door } = service
  const callerOf: Door['callerOf'] = async (knock) => {
    // known from here on, even if what is asked is not for them
    const caller = await door?.callerOf(knock, trail.identify)
    // with what they say of an emergency
    if (caller !== undefined) trail.identify(caller)
    return caller
  }
  return { ...service, store: trail.recorded(service.store), ...(door !== undefined && { door: { callerOf } }) }
}

/** The same, of what the caller may see of it. */
export function noting(service: Service, trail: Trail | undefined): Service {
  if (trail === undefined) return service
  const { upstream } = service
  return {
    ...service,
    store: trail.noted(service.store),
    ...(upstream !== undefined && { upstream: upstream.map((source) => trail.source(source)) }),
  }
}
