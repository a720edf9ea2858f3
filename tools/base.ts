/** The part of the build that compiles the base definitions of one FHIR version: model, shapes, invariants, bindings. */

import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { shapeModules } from '../src/check/shape.ts'
import { schemas } from '../src/check/schema.ts'
import { baseConstraints, type BaseConstraints } from '../src/fhir/compact.ts'
import { compileCompartment } from '../src/fhir/compartment.ts'
import { compileModel, isResourceType } from '../src/fhir/model.ts'
import { isResource, type Json, type Resource } from '../src/fhir/types.ts'
import { bindings, elementDefinitions, formats, invariants, targets } from './definitions.ts'
import { searchDefinitions } from './search.ts'
import { write } from './written.ts'

export interface BaseOptions {
  /** Where the core package is installed. */
  readonly source: string
  /** `4.0.1` */
  readonly fhirVersion: string
  /** Where the compiled parts go. */
  readonly target: string
}

/** Writes the compiled base definitions; what packages need of them is answered. */
export function buildBase({ source, fhirVersion, target }: BaseOptions): BaseConstraints {
  const read = (pattern: string): readonly Resource[] => definitions(source, pattern)
  const structures = read('StructureDefinition-*.json')
  const base = structures.filter(
    ({ derivation, kind, url }) => derivation !== 'constraint' && kind !== 'logical' && isCore(url),
  )
  const elements = elementDefinitions(base)
  const [patient] = read('CompartmentDefinition-patient.json')
  if (patient === undefined) throw new TypeError(`${basename(source)} has no CompartmentDefinition of the patient`)
  const model = compileModel(fhirVersion, base)
  const bound = bindings(elements, [...read('ValueSet-*.json'), ...read('CodeSystem-*.json')])
  const published = invariants(elements, structures)
  const parts: Readonly<Record<string, object>> = {
    model,
    compartment: compileCompartment(patient, read('SearchParameter-*.json')),
    invariants: published,
    targets: targets(elements),
    bindings: bound,
    // The store speaks R4.
    ...(fhirVersion === '4.0.1' && { search: searchDefinitions(read('SearchParameter-*.json'), bound) }),
  }
  for (const [name, part] of Object.entries(parts)) write(join(target, `${name}.json`), JSON.stringify(part))
  const all = schemas({ model, bindings: bound, formats: formats(elements) })
  const resources = Object.keys(model.types).filter((name) => isResourceType(model, name))
  for (const [name, text] of Object.entries(shapeModules(all, resources)))
    write(join(target, 'shapes', `${name}.cjs`), text)
  return baseConstraints(model, published)
}

/** Examples of definitions lie beside them. */
function isCore(url: Json | undefined): boolean {
  return typeof url === 'string' && url.startsWith('http://hl7.org/fhir/StructureDefinition/')
}

function definitions(source: string, pattern: string): readonly Resource[] {
  return globSync(pattern, { cwd: source })
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(source, basename(file)), 'utf8')) as Json)
    .filter((resource): resource is Resource => isResource(resource))
}
