/** The build: what is compiled from the published definitions and the templates, written to build/ (`npm run build`). */

import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { compileCompartment } from '../src/fhir/compartment.ts'
import { parseJson, stringify } from '../src/fhir/json.ts'
import { compileModel, isResourceType } from '../src/fhir/model.ts'
import { isResource, type Json, type Resource } from '../src/fhir/types.ts'
import { schemas } from '../src/check/schema.ts'
import { shapeModule } from '../src/check/shape.ts'
import { bindings, elementDefinitions, formats, invariants, targets } from './definitions.ts'
import { buildTemplates } from './templates.ts'

const root = `${import.meta.dirname}/../`
const r4 = `${root}node_modules/hl7.fhir.r4.core`
const target = `${root}build/r4`

function definitions(pattern: string): readonly Resource[] {
  return globSync(pattern, { cwd: r4 })
    .toSorted()
    .map((file) => parseJson(readFileSync(`${r4}/${basename(file)}`)))
    .filter((resource): resource is Resource => isResource(resource))
}

/** Written beside and renamed, so that nobody reads half a file. */
function write(name: string, text: string): void {
  mkdirSync(target, { recursive: true })
  writeFileSync(`${target}/${name}.new`, text)
  renameSync(`${target}/${name}.new`, `${target}/${name}`)
}

function writeJson(name: string, value: object): void {
  write(`${name}.json`, stringify(value as Json))
}

const structures = definitions('StructureDefinition-*.json')
const base = structures.filter(({ derivation, kind }) => derivation !== 'constraint' && kind !== 'logical')
const elements = elementDefinitions(base)
const [patient] = definitions('CompartmentDefinition-patient.json')
if (patient === undefined) throw new TypeError('hl7.fhir.r4.core has no CompartmentDefinition of the patient')

const model = compileModel('4.0.1', base)
const bound = bindings(elements, [...definitions('ValueSet-*.json'), ...definitions('CodeSystem-*.json')])
writeJson('model', model)
writeJson('compartment', compileCompartment(patient, definitions('SearchParameter-*.json')))
writeJson('invariants', invariants(elements, structures))
writeJson('targets', targets(elements))
writeJson('bindings', bound)

const all = schemas({ model, bindings: bound, formats: formats(elements) })
const resources = Object.keys(model.types).filter((name) => isResourceType(model, name))
write('shapes.js', shapeModule(all, resources))

await buildTemplates(`${root}templates`, `${root}build/templates.js`)
