/** The CapabilityStatement and the OperationDefinitions, written from the routes: exactly what works. */

import type { JsonObject, Resource } from '../fhir/types.ts'
import { FORMATS } from './negotiation.ts'
import type { Parameter } from './parameters.ts'
import type { OperationRoute, Route, Service } from './route.ts'

type About = Pick<Service, 'base' | 'version' | 'startedAt'>

/** What the service can do as it was started. @see https://hl7.org/fhir/R4/capabilitystatement.html */
export function capabilityStatement(routes: readonly Route[], about: Service): Resource {
  const operations = operationsOf(routes).filter(({ isAvailable }) => isAvailable?.(about) !== false)
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: about.startedAt,
    kind: 'instance',
    software: { name: 'fhirdoc', version: about.version },
    implementation: { description: 'Composes, checks, signs and renders FHIR documents', url: about.base },
    fhirVersion: '4.0.1',
    format: [...FORMATS.json.mediaTypes],
    rest: [
      {
        mode: 'server',
        resource: [
          {
            type: 'Bundle',
            operation: references(
              operations.filter(({ type }) => type === 'Bundle'),
              about,
            ),
          },
          { type: 'OperationDefinition', interaction: [{ code: 'read' }] },
        ],
        operation: references(
          operations.filter(({ type }) => type === undefined),
          about,
        ),
      },
    ],
    document: ['producer', 'consumer'].map((mode) => ({
      mode,
      profile: 'http://hl7.org/fhir/StructureDefinition/Bundle',
    })),
  }
}

function references(operations: readonly OperationRoute[], { base }: About): JsonObject[] {
  return operations.map((row) => ({
    name: row.code,
    definition: row.definition ?? `${base}/OperationDefinition/${idOf(row)}`,
  }))
}

/** The rows that are operations. */
export function operationsOf(routes: readonly Route[]): readonly OperationRoute[] {
  return routes.filter((route) => route.method === 'POST')
}

/** The id of an operation's definition: `Bundle-sign`, `compose`. */
export function idOf({ type, code }: Pick<OperationRoute, 'type' | 'code'>): string {
  return type === undefined ? code : `${type}-${code}`
}

/** The definition of an operation of ours. @see https://hl7.org/fhir/R4/operationdefinition.html */
export function operationDefinition(row: OperationRoute, about: About): Resource {
  const id = idOf(row)
  return {
    resourceType: 'OperationDefinition',
    id,
    url: `${about.base}/OperationDefinition/${id}`,
    version: about.version,
    name: id.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()).replaceAll('-', ''),
    title: `$${row.code}`,
    status: 'active',
    kind: 'operation',
    date: about.startedAt,
    description: row.text,
    affectsState: false,
    code: row.code,
    ...(row.type !== undefined && { resource: [row.type] }),
    system: row.type === undefined,
    type: row.type !== undefined,
    instance: false,
    parameter: [
      { name: row.part, use: 'in', min: 1, max: '1', documentation: 'what the operation is about', type: 'Bundle' },
      ...Object.entries(row.parameters).map(([name, parameter]) => input(name, parameter)),
      ...row.output.map(({ name, type, least, most, text, parts }) => ({
        name, use: 'out', min: least, max: most, documentation: text,
        ...(parts === undefined ? { type } : { part: parts.map((part) => ({ name: part, use: 'out', min: 0, max: '*', type: 'string' })) }),
      })),
    ],
  } // prettier-ignore
}

function input(name: string, { shape, type, text }: Parameter<unknown>): JsonObject {
  return { name, use: 'in', min: 0, max: '1', documentation: `${text} (${shape.label})`, type }
}
