/** Erasure on lawful request, legal holds, and documents whose retention is over; all for those who administer the service. */

import { fail, type FhirError } from '../../fhir/error.ts'
import type { Json, JsonObject, Resource } from '../../fhir/types.ts'
import { escaped, everyMatch } from '../../matches.ts'
import type { Key, StoreReader, StoreWriter } from '../../ports.ts'
import type { Tombstone } from '../../ports/audit.ts'
import { dueDocuments, keptUntil, type Due } from '../../retention.ts'
import { text } from '../../shape.ts'
import { resourceAnswer, type Answer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { storedOperation } from '../operation.ts'
import { isId, mustBeKept } from '../rest/admission.ts'
import { modelOf, type Call, type Route, type Service } from '../route.ts'
import { besidesOf, erasedBesides } from './erase-besides.ts'
import { parametersOf } from './verify.ts'

const reason = { shape: text('text'), type: 'string', text: 'why, as the audit and the tombstone keep it' } as const
const basis = { shape: text('text'), type: 'string', text: 'the law or contract that asks for it' } as const

const common = { formats: [FORMATS.json], later: [], affectsState: true } as const
const onAny = { ...common, type: 'Resource', levels: ['instance'] } as const
const output = (text: string): { readonly name: string; readonly type: string; readonly least: 1; readonly most: '1'; readonly text: string } => ({ name: 'return', type: 'Parameters', least: 1, most: '1', text }) // prettier-ignore

const eraseRoutes = storedOperation({
  ...onAny,
  code: 'erase',
  text: 'what is left of a resource whose every version was erased: a tombstone with digests, reason and legal basis',
  parameters: { reason, basis },
  output: [
    output(
      'the tombstone, the signatures and sidecars beside a document that were erased with it, and the documents that hold a copy, which stay until they are erased themselves',
    ),
  ],
  answer: async (call) => {
    const { values, service, trail, pretty } = call
    const key = keyOf(call)
    const why = { reason: required(values, 'reason'), basis: required(values, 'basis') }
    trail?.tell(why)
    const tombstone = await service.store.transaction((writer) => erased(key, why, { writer, service }))
    await service.store.compact?.()
    return resourceAnswer(parametersOf(tombstone), pretty)
  },
})

const holdRoutes = storedOperation({
  ...onAny,
  code: 'hold',
  text: 'that a resource is under a legal hold from now on, so that nothing of it is erased',
  parameters: { reason },
  output: [output('the hold')],
  answer: (call) => held(call, required(call.values, 'reason')),
})

const releaseRoutes = storedOperation({
  ...onAny,
  code: 'release',
  text: 'that the legal hold of a resource is over',
  parameters: { reason },
  output: [output('what was held')],
  answer: (call) => {
    call.trail?.tell({ reason: required(call.values, 'reason') })
    return held(call, undefined)
  },
})

async function held(call: Call, why: string | undefined): Promise<Answer> {
  const { service, trail, pretty } = call
  const key = keyOf(call)
  if (why !== undefined) trail?.tell({ reason: why })
  await service.store.transaction(async (writer) => {
    if (writer.hold === undefined) throw unsupported()
    await writer.hold(key, why)
  })
  const state = why === undefined ? 'released' : 'held'
  return resourceAnswer(parametersOf({ reference: `${key.type}/${key.id}`, state }), pretty)
}

const dueRoutes = storedOperation({
  code: 'due',
  type: 'Bundle',
  levels: ['type'],
  text: 'the documents whose retention is over and that are under no legal hold',
  formats: [FORMATS.json],
  parameters: {},
  later: [],
  output: [output('each document with the moment until which it had to be kept')],
  answer: async ({ service, pretty }) => {
    const due = await service.store.snapshot((reader) => dueIn(reader, service))
    return resourceAnswer(
      counted(
        'document',
        due.map((one) => ({ ...one })),
      ),
      pretty,
    )
  },
})

const eraseDueRoutes = storedOperation({
  ...common,
  code: 'erase-due',
  type: 'Bundle',
  levels: ['type'],
  text: 'what is left of the documents whose retention is over and that are under no legal hold, each erased by itself',
  parameters: { reason, basis },
  output: [output('the tombstones')],
  answer: async ({ values, service, trail, pretty }) => {
    const why = { reason: required(values, 'reason'), basis: required(values, 'basis') }
    trail?.tell(why)
    const due = await service.store.snapshot((reader) => dueIn(reader, service))
    const all: JsonObject[] = []
    for (const { reference } of due) {
      const key = { type: 'Bundle', id: reference.slice('Bundle/'.length) }
      all.push(await service.store.transaction((writer) => erased(key, why, { writer, service })))
    }
    if (all.length > 0) await service.store.compact?.()
    return resourceAnswer(counted('erased', all), pretty)
  },
})

export const keepingRoutes: readonly Route[] = [
  ...eraseRoutes,
  ...holdRoutes,
  ...releaseRoutes,
  ...dueRoutes,
  ...eraseDueRoutes,
].map((route) => ({ ...route, need: { role: 'administer' } }))

/** Objects as Parameters, after how many they are. */
function counted(name: string, all: readonly JsonObject[]): Resource {
  const { parameter } = parametersOf({ [name]: all })
  const rest = Array.isArray(parameter) ? (parameter as readonly Json[]) : []
  return { resourceType: 'Parameters', parameter: [{ name: 'total', valueInteger: all.length }, ...rest] }
}

function required(values: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = values[name]
  if (value !== undefined) return value
  throw fail('required', `The parameter ${name} is missing, expected some text`)
}

/** The address that a call names. @throws FhirError, Refusal where it is none that could be kept, or one of the audit */
function keyOf({ type, id, service }: Pick<Call, 'type' | 'id' | 'service'>): Key {
  mustBeKept(type, modelOf(service))
  if (type === 'AuditEvent')
    throw fail('business-rule', 'An AuditEvent is kept as long as the audit is, expected a resource of the record')
  if (!isId(id)) throw fail('not-found', 'The address names no resource, expected one with an id')
  return { type, id }
}

function dueIn(reader: StoreReader, { retention, edge }: Service): Promise<readonly Due[]> {
  if (retention === undefined)
    throw fail('not-supported', 'This service was started without retention periods, expected FHIRDOC_RETENTION')
  return dueDocuments(reader, retention, edge.now())
}

interface Erasing {
  readonly writer: StoreWriter
  readonly service: Service
}

/** What is left of a resource, and who holds copies of it. @throws FhirError `business-rule` where it must be kept */
async function erased(
  key: Key,
  why: Pick<Tombstone, 'reason' | 'basis'>,
  { writer, service }: Erasing,
): Promise<JsonObject> {
  if (writer.erase === undefined) throw unsupported()
  const reference = `${key.type}/${key.id}`
  await mustBeOver(key, { writer, service })
  const copies = await copiesOf(key, { writer, service })
  const besides = key.type === 'Bundle' ? await besidesOf(key, { writer, base: service.base }) : []
  const { versions, ...tombstone } = await writer.erase(key, why)
  return {
    reference,
    ...tombstone,
    version: versions.map((version) => ({ ...version })),
    beside: await erasedBesides(besides, why, writer),
    copy: copies.map((copy) => ({
      reference: copy,
      text: 'is a document of its own, which stays until it is erased itself',
    })),
  }
}

/** The time of a document counts even where it was deleted meanwhile. */
async function mustBeOver(key: Key, { writer, service: { retention, edge } }: Erasing): Promise<void> {
  if (retention === undefined) return
  const { versions } = await (writer.whole ?? writer).history({ ...key, count: 1_000 })
  const now = edge.now()
  const late = versions.flatMap(({ resource }) =>
    resource === undefined ? [] : (keptUntil(resource, retention, now) ?? []),
  )
  const until = late.toSorted((one, other) => Date.parse(other) - Date.parse(one))[0]
  if (until === undefined || Date.parse(until) <= Date.parse(now)) return
  throw fail(
    'business-rule',
    `${key.type}/${key.id} must be kept until ${until.slice(0, 10)}, as documents of its type are`,
  )
}

/** The stored documents whose Composition names the resource. */
async function copiesOf({ type, id }: Key, { writer, service }: Erasing): Promise<readonly string[]> {
  if (type === 'Bundle') return []
  // however the documents address it
  const name = [`${type}/${id}`, `${service.base}/${type}/${id}`].map(escaped).join(',')
  const names = type === 'Patient' ? ['composition.subject', 'composition.entry'] : ['composition.entry', 'composition']
  const found = new Set<string>()
  for (const parameter of names) {
    const matches = await everyMatch(writer, {
      type: 'Bundle',
      parameters: [
        ['type', 'document'],
        [parameter, name],
      ],
    })
    for (const match of matches) found.add(`Bundle/${match.id}`)
  }
  return [...found]
}

function unsupported(): FhirError {
  return fail('not-supported', 'The store of this service erases nothing')
}
