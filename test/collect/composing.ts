/** Short words for the tests of collect: resources, and a request with what most tests do not care about. */

import { readFileSync } from 'node:fs'
import { memorySource, type Held } from '../../src/edge/store/memory.ts'
import { collect, defaultLimits, type Collection, type CollectRequest } from '../../src/collect/collect.ts'
import type { Compartment } from '../../src/fhir/compartment.ts'
import { isError } from '../../src/fhir/issue.ts'
import type { Composition, Entry, JsonObject, Resource } from '../../src/fhir/types.ts'
import { model } from '../model.ts'

export const compartment = JSON.parse(
  readFileSync(new URL('../../build/r4/compartment.json', import.meta.url), 'utf8'),
) as Compartment

/** `Observation/o`, with further members; a third part is the versionId: `Observation/o/2`. */
export function resource(name: string, members: JsonObject = {}): Resource {
  const [resourceType = '', id = '', version] = name.split('/')
  return { resourceType, id, ...(version !== undefined && { meta: { versionId: version } }), ...members }
}

export function to(reference: string): JsonObject {
  return { reference }
}

/** A Composition about Patient/1 with one section of the entries given. */
export function composition(entries: readonly string[], members: JsonObject = {}): Composition {
  return {
    resourceType: 'Composition',
    id: 'c',
    status: 'preliminary',
    subject: to('Patient/1'),
    section: [{ title: 'Section', entry: entries.map(to) }],
    ...members,
  }
}

export const patient = resource('Patient/1')

/** Resources at a base, as a server would hold them. */
export function at(base: string, resources: readonly Resource[]): readonly Held[] {
  return resources.map((one) => ({ resource: one, url: `${base}/${one.resourceType}/${one.id ?? ''}` }))
}

/** Collects with defaults: one source in memory that knows no URLs, secondary included, named by UUID. */
export function collecting(
  from: Composition | { readonly reference: string },
  held: readonly (Resource | Held)[],
  request: Partial<CollectRequest> = {},
): Promise<Collection> {
  const source = memorySource(
    'records',
    held.map((one) => ('resourceType' in one ? { resource: one } : one)),
  )
  return collect(from, {
    sources: [source],
    model,
    compartment,
    secondary: 'include',
    fullUrl: 'uuid',
    limits: defaultLimits,
    identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:5b2c8a10-6d7e-4f00-9a11-0123456789ab' },
    timestamp: '2026-03-01T10:00:00Z',
    ...request,
  })
}

/** The entries of a document as `Type/id`. */
export function names({ bundle }: Collection): readonly string[] {
  return (bundle.entry ?? []).map(({ resource: one }) => `${one?.resourceType ?? ''}/${one?.id ?? ''}`)
}

export function entryOf({ bundle }: Collection, name: string): Entry {
  const entry = bundle.entry?.find(({ resource: one }) => `${one?.resourceType ?? ''}/${one?.id ?? ''}` === name)
  if (entry === undefined) throw new TypeError(`${name} is not in the document`)
  return entry
}

/** The issues as `severity rule expression`. */
export function said({ issues }: Collection): readonly string[] {
  return issues.map(({ severity, rule, expression }) => `${severity} ${rule ?? ''} ${expression ?? ''}`.trimEnd())
}

export function errors({ issues }: Collection): readonly string[] {
  return issues.filter(isError).map(({ text }) => text)
}

/** What the receipt says of the reference at a place. */
export function decision({ receipt }: Collection, from: string): string {
  const row = receipt.references.find((one) => one.from === from)
  return row === undefined ? 'no row' : `${row.kind} ${row.decision}`
}
