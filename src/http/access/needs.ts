/** What each route needs of its caller: a route that has no row is for nobody who comes through the door. */

import type { Route } from '../route.ts'
import type { Need, NeededScope } from './need.ts'

const PUBLIC: Need = { isPublic: true }
/** Whoever is known: what is answered with came with the request. */
const KNOWN: Need = {}
const SIGNING: Need = { role: 'sign' }
const COMPOSING: Need = { role: 'compose' }

function on(type: string, letters: string, besides: Omit<Need, 'scopes'> = {}): Need {
  return { scopes: [{ letters, type }], ...besides }
}

function asked(letters: string, besides: Omit<Need, 'scopes'> = {}): Need {
  return { scopes: [{ letters }], ...besides }
}

/** Whoever may write may see what is written over. */
const CHANGING = { seen: 'rsud' } as const
const ADMINISTERING = { role: 'administer', writing: 'administer' } as const
const SEARCHING = { seen: 's' } as const
const DOCUMENT = on('Composition', 'r', { writing: 'compose' })

const SUMMARY = on('Patient', 'r', { writing: 'compose' })
const DISCHARGE = on('Encounter', 'r', { writing: 'compose' })

/** By method and path. */
export const NEEDS: Readonly<Record<string, Need>> = {
  'POST /fhir/$compose': COMPOSING,
  'POST /fhir/$convert': KNOWN,
  'GET /fhir/Composition/:id/$document': DOCUMENT,
  'POST /fhir/Composition/:id/$document': DOCUMENT,
  'GET /fhir/Composition/$document': DOCUMENT,
  'POST /fhir/Composition/$document': DOCUMENT,
  'POST /fhir/Bundle/$validate': KNOWN,
  'GET /fhir/Bundle/:id/$validate': on('Bundle', 'r'),
  'POST /fhir/Bundle/:id/$validate': on('Bundle', 'r'),
  'POST /fhir/:type/$validate': KNOWN,
  'GET /fhir/:type/:id/$validate': asked('r'),
  'POST /fhir/:type/:id/$validate': asked('r'),
  'POST /fhir/Bundle/$sign': SIGNING,
  'POST /fhir/Bundle/:id/$sign': on('Bundle', 'r', { role: 'sign', writing: 'sign' }),
  'POST /fhir/Bundle/$verify': KNOWN,
  'GET /fhir/Bundle/:id/$verify': on('Bundle', 'r'),
  'POST /fhir/Bundle/:id/$verify': on('Bundle', 'r'),
  'POST /fhir/Bundle/$render': KNOWN,
  'GET /fhir/Bundle/:id/$render': on('Bundle', 'r'),
  'POST /fhir/Bundle/:id/$render': on('Bundle', 'r'),
  'POST /fhir/$extract': KNOWN,
  'POST /fhir/$octets': KNOWN,
  'GET /fhir/Bundle/:id/$receipt': on('Bundle', 'r'),
  'POST /fhir/Bundle/:id/$receipt': on('Bundle', 'r'),
  'GET /fhir/Bundle/:id/$original': on('Bundle', 'r'),
  'POST /fhir/Bundle/:id/$original': on('Bundle', 'r'),
  'GET /fhir/Patient/:id/$everything': on('Patient', 'r'),
  'POST /fhir/Patient/:id/$everything': on('Patient', 'r'),
  'GET /fhir/Patient/:id/$summary': SUMMARY,
  'POST /fhir/Patient/:id/$summary': SUMMARY,
  'GET /fhir/Patient/$summary': SUMMARY,
  'POST /fhir/Patient/$summary': SUMMARY,
  'GET /fhir/Encounter/:id/$discharge-report': DISCHARGE,
  'POST /fhir/Encounter/:id/$discharge-report': DISCHARGE,
  'GET /fhir/DocumentReference/$docref': on('DocumentReference', 's', { writing: 'compose' }),
  'POST /fhir/DocumentReference/$docref': on('DocumentReference', 's', { writing: 'compose' }),
  'POST /fhir/:type/:id/$erase': asked('d', ADMINISTERING),
  'POST /fhir/:type/:id/$hold': asked('d', ADMINISTERING),
  'POST /fhir/:type/:id/$release': asked('d', ADMINISTERING),
  'GET /fhir/Bundle/$due': on('Bundle', 's', ADMINISTERING),
  'POST /fhir/Bundle/$due': on('Bundle', 's', ADMINISTERING),
  'POST /fhir/Bundle/$erase-due': on('Bundle', 'ds', ADMINISTERING),
  'GET /fhir/Binary/:id': on('Binary', 'r'),
  'GET /fhir/Binary/:id/_history/:vid': on('Binary', 'r'),
  'PUT /fhir/Binary/:id': on('Binary', 'u', CHANGING),
  'POST /fhir/Binary': on('Binary', 'c'),
  'GET /fhir/:type/:id': asked('r'),
  'GET /fhir/:type/:id/_history/:vid': asked('r'),
  'PUT /fhir/:type/:id': asked('u', CHANGING),
  'PATCH /fhir/:type/:id': asked('ru'),
  'DELETE /fhir/:type/:id': asked('d', CHANGING),
  'GET /fhir/:type/:id/_history': asked('r'),
  'GET /fhir/:type/_history': asked('s', SEARCHING),
  'GET /fhir/_history': on('*', 's', SEARCHING),
  'POST /fhir/:type': asked('c'),
  'PUT /fhir/:type': asked('us', CHANGING),
  'PATCH /fhir/:type': asked('rus'),
  'DELETE /fhir/:type': asked('ds', CHANGING),
  'GET /fhir/:type': asked('s', SEARCHING),
  'POST /fhir/:type/_search': asked('s', SEARCHING),
  'GET /fhir/Patient/:id/:type': asked('s', SEARCHING),
  'POST /fhir/Patient/:id/:type/_search': asked('s', SEARCHING),
  'GET /fhir': on('*', 's', SEARCHING),
  'POST /fhir/_search': on('*', 's', SEARCHING),
  // each entry needs what it needs by itself
  'POST /fhir': { seen: 'rsud' },
  'GET /fhir/metadata': PUBLIC,
  // the definitions of our own; what is stored under the same name is guarded by the store
  'GET /fhir/OperationDefinition/:id': KNOWN,
  'GET /openapi.json': PUBLIC,
  'GET /healthz': PUBLIC,
  'GET /readyz': PUBLIC,
  'GET /metrics': { role: 'administer' },
  'GET /.well-known/smart-configuration': PUBLIC,
  'GET /fhir/.well-known/smart-configuration': PUBLIC,
} // prettier-ignore

/** What a route needs; undefined where nothing says it, so that it is for nobody. */
export function needOf({ need, method, path }: Pick<Route, 'need' | 'method' | 'path'>): Need | undefined {
  if (need !== undefined) return need
  const key = `${method} ${path}`
  return Object.hasOwn(NEEDS, key) ? NEEDS[key] : undefined
}

/** What is needed of the scopes for a type, as it stands in the path; where something is searched for first, that too. */
export function neededOf(
  { scopes = [] }: Need,
  { type, isConditional }: { readonly type: string; readonly isConditional?: boolean | undefined },
): readonly Required<NeededScope>[] {
  const searched = isConditional === true ? [{ letters: 's', type }] : []
  return [...scopes.map(({ letters, type: own }) => ({ letters, type: own ?? type })), ...searched]
}
