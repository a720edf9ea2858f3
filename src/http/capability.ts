/** The CapabilityStatement and the OperationDefinitions, written from the routes: exactly what works. */

import type { Model } from '../fhir/model.ts'
import type { JsonObject, Resource } from '../fhir/types.ts'
import { FORMATS, PATCH_TYPE } from './negotiation.ts'
import type { Parameter } from './parameters.ts'
import { modelOf, type Level, type Operation, type Route, type SearchParameter, type Service } from './route.ts'

type About = Pick<Service, 'base' | 'version' | 'startedAt'>

/** What the service can do as it was started. @see https://hl7.org/fhir/R4/capabilitystatement.html */
export function capabilityStatement(routes: readonly Route[], service: Service, security?: JsonObject): Resource {
  const available = routes.filter(({ isAvailable }) => isAvailable?.(service) !== false)
  const { base, version, startedAt } = service
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: startedAt,
    kind: 'instance',
    software: { name: 'fhirdoc', version },
    implementation: { description: 'Keeps, composes, checks, signs and renders FHIR documents', url: base },
    fhirVersion: '4.0.1',
    format: [...FORMATS.json.mediaTypes, ...FORMATS.xml.mediaTypes],
    patchFormat: [PATCH_TYPE],
    rest: [
      {
        mode: 'server',
        ...(security !== undefined && { security }),
        resource: typesOf(modelOf(service)).map((type) => resourceRow(type, available, service)),
        interaction: codesOf(available, 'system').map((code) => ({ code })),
        ...many('searchParam', service.searchParameters().map(searchParam)),
        ...many('operation', references(available, service)),
        compartment: ['http://hl7.org/fhir/CompartmentDefinition/patient'],
      },
    ],
    document: ['producer', 'consumer'].map((mode) => ({
      mode,
      profile: 'http://hl7.org/fhir/StructureDefinition/Bundle',
    })),
  }
}

/** The types that resources are kept of: Parameters are never kept. */
function typesOf({ types }: Model): readonly string[] {
  return Object.keys(types).filter((type) => types[type]?.kind === 'resource' && type !== 'Parameters')
}

function resourceRow(type: string, routes: readonly Route[], service: Service): JsonObject {
  const rows = type === 'AuditEvent' ? routes.filter(isReading) : routes
  const onTypes = rows.flatMap(({ interaction }) =>
    interaction === undefined || interaction.level === 'system' ? [] : [interaction],
  )
  const codes = [...codesOf(rows, 'type'), ...codesOf(rows, 'instance')]
  const parameters = service.searchParameters(type)
  return {
    type,
    interaction: [...new Set(codes)].map((code) => ({ code })),
    ...Object.fromEntries(onTypes.flatMap(({ capability = {} }) => Object.entries(capability))),
    ...(parameters.length > 0 && {
      searchInclude: [`${type}:*`, ...includesOf(type, parameters)],
      searchRevInclude: ['*'],
    }),
    ...many('searchParam', parameters.map(searchParam)),
    ...many('operation', references(routes, service, type)),
  }
}

/** The audit is written by the service alone. */
function isReading({ interaction }: Route): boolean {
  return interaction?.codes.every((code) => !['create', 'update', 'patch', 'delete'].includes(code)) ?? true
}

function codesOf(routes: readonly Route[], level: Level): readonly string[] {
  const found = routes.flatMap(({ interaction }) => (interaction?.level === level ? interaction.codes : []))
  return [...new Set(found)]
}

function includesOf(type: string, parameters: readonly SearchParameter[]): readonly string[] {
  return parameters.flatMap((each) => (each.type === 'reference' ? [`${type}:${each.name}`] : []))
}

function searchParam({ name, type, definition }: SearchParameter): JsonObject {
  return { name, ...(definition !== undefined && { definition }), type }
}

/** FHIR has no empty lists. */
function many(name: string, items: readonly JsonObject[]): JsonObject {
  return items.length === 0 ? {} : { [name]: items }
}

function references(routes: readonly Route[], { base }: About, type?: string): JsonObject[] {
  const own = operationsOf(routes).filter(
    (each) => each.type === type || (type !== undefined && each.type === 'Resource'),
  )
  const byCode = new Map(own.map((each) => [each.code, each]))
  return [...byCode.values()].map((operation) => ({
    name: operation.code,
    definition: operation.definition ?? `${base}/OperationDefinition/${idOf(operation)}`,
  }))
}

/** What the rows say of operations. */
export function operationsOf(routes: readonly Route[]): readonly Operation[] {
  return routes.flatMap(({ operation }) => operation ?? [])
}

/** The id of an operation's definition: `Bundle-sign`, `compose`. */
export function idOf({ type, code }: Pick<Operation, 'type' | 'code'>): string {
  return type === undefined ? code : `${type}-${code}`
}

/** A row of an operation. */
export type Defined = Route & { readonly operation: Operation }

/** The rows of the operation of ours whose definition has the id given. */
export function definedBy(routes: readonly Route[], id: string): readonly [Defined, ...Defined[]] | undefined {
  const rows = routes.filter((route): route is Defined => route.operation !== undefined)
  const [first, ...more] = rows.filter(({ operation }) => operation.definition === undefined && idOf(operation) === id)
  return first === undefined ? undefined : [first, ...more]
}

/** The definition of an operation of ours, whose rows are given. @see https://hl7.org/fhir/R4/operationdefinition.html */
export function operationDefinition(rows: readonly [Defined, ...Defined[]], about: About): Resource {
  const [{ operation }] = rows
  const { code, type } = operation
  const id = idOf(operation)
  const levels = new Set(rows.map((row) => row.operation.level))
  return {
    resourceType: 'OperationDefinition',
    id,
    url: `${about.base}/OperationDefinition/${id}`,
    version: about.version,
    name: id.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()).replaceAll('-', ''),
    title: `$${code}`,
    status: 'active',
    kind: 'operation',
    date: about.startedAt,
    description: [...new Set(rows.map(({ text }) => text))].join('; '),
    affectsState: operation.affectsState === true,
    code,
    ...(type !== undefined && { resource: [type] }),
    system: levels.has('system'),
    type: levels.has('type'),
    instance: levels.has('instance'),
    parameter: parametersOf(rows),
  }
}

function parametersOf(rows: readonly [Defined, ...Defined[]]): JsonObject[] {
  const part = rows.find((row) => row.operation.part !== undefined)?.operation.part
  const isAlways = rows.every((row) => row.operation.part !== undefined)
  const options: Readonly<Record<string, Parameter<unknown>>> = Object.fromEntries(
    rows.flatMap((row) => Object.entries(row.parameters)),
  )
  return [
    ...(part === undefined ? [] : [
      { name: part, use: 'in', min: isAlways ? 1 : 0, max: '1', documentation: 'what the operation is about, where it is not at hand', type: 'Bundle' },
    ]),
    ...Object.entries(options).map(([name, parameter]) => input(name, parameter)),
    ...rows[0].operation.output.map(({ name, type, least, most, text, parts }) => ({
      name, use: 'out', min: least, max: most, documentation: text,
      ...(parts === undefined ? { type } : { part: parts.map((each) => ({ name: each, use: 'out', min: 0, max: '*', type: 'string' })) }),
    })),
  ] // prettier-ignore
}

function input(name: string, { shape, type, text }: Parameter<unknown>): JsonObject {
  return { name, use: 'in', min: 0, max: '1', documentation: `${text} (${shape.label})`, type }
}
