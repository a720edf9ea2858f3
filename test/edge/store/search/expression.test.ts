import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { stepsOf, topLevel } from '../../../../src/edge/store/search/expression-text.ts'
import { compileExpression, type Focus, type Typed } from '../../../../src/edge/store/search/expression.ts'
import { typeOfReference } from '../../../../src/edge/store/search/document-entries.ts'
import { plain } from '../../../../src/fhir/decimal.ts'
import { parseJson } from '../../../../src/fhir/json.ts'
import { compilePath, type Path } from '../../../../src/fhir/path.ts'
import { isResource, type Resource } from '../../../../src/fhir/types.ts'
import { search } from './records.ts'

const FOLDER = new URL('../../../../node_modules/hl7.fhir.r4.core/', import.meta.url).pathname
/** Definitions are thousands, and much alike. */
const MANY = /^(?:StructureDefinition|ValueSet|CodeSystem|SearchParameter|ConceptMap|OperationDefinition)-/

function examples(): readonly Resource[] {
  const files = globSync('[A-Z]*-*.json', { cwd: FOLDER }).toSorted()
  const some = files.filter((file, place) => !MANY.test(file) || place % 100 === 0)
  return some.map((file) => parseJson(readFileSync(FOLDER + file))).filter((one): one is Resource => isResource(one))
}

/** fhirpath takes resources of its own making for the targets of references: only their type counts. */
function oracle(path: Path, resource: Resource): readonly unknown[] | undefined {
  const resolve = (reference: string): unknown => {
    const type = typeOfReference({ reference }, resource)
    return type === undefined || type === '' ? undefined : { resourceType: type }
  }
  const focus = plain(resource)
  try {
    return path(focus, { resource: focus, rootResource: focus, resolve })
  } catch (error) {
    // It makes a quantity of its own of each, and can make none of one with a comparator.
    if (error instanceof Error && error.message.includes('comparator')) return undefined
    throw error
  }
}

/** Each value once, as a union has it; fhirpath hangs a hidden member on objects. */
function texts(values: readonly unknown[]): readonly string[] {
  const all = values.map((value) =>
    JSON.stringify(value, (name, member: unknown) => (name === '__path__' ? undefined : member)),
  )
  return [...new Set(all)].toSorted()
}

function focusOf(resource: Resource): Focus {
  const { resourceType: type } = resource
  return { node: { value: resource, type, path: type }, resource, typeOf: (one) => typeOfReference(one, resource) }
}

describe('compiled expressions', () => {
  // The engine takes decimals of this one for the same that differ beyond what it compares.
  const all = examples().filter(({ resourceType, id }) => `${resourceType}/${id ?? ''}` !== 'Observation/decimal')

  it('give what fhirpath gives, for every parameter of every type over the published examples', () => {
    const differences: string[] = []
    let values = 0
    for (const resource of all) {
      const { resourceType: type } = resource
      for (const [code, { expression }] of Object.entries(search.definitions.types[type] ?? {})) {
        const ours = texts(compiled(expression, type)(focusOf(resource)).map(({ value }) => plain(value)))
        const found = oracle(pathOf(expression), resource)
        if (found === undefined) continue
        const theirs = texts(found)
        values += theirs.length
        if (ours.join() !== theirs.join()) differences.push(`${type}/${resource.id ?? ''} ${code}: ${expression}`)
      }
    }
    expect(differences.join('\n')).toBe('')
    expect(values).toBeGreaterThan(4000)
  }, 120_000)

  it('nearly all are compiled rather than given to fhirpath', () => {
    const types = Object.entries(search.definitions.types)
    const paths = types.flatMap(([type, parameters]) =>
      Object.values(parameters).filter(({ expression }) => viaFhirPath(expression, type)),
    )
    expect(paths.map(({ expression }) => expression)).toEqual([
      "QuestionnaireResponse.repeat(item).where(extension('http://hl7.org/fhir/StructureDefinition/questionnaireresponse-isSubject').exists()).answer.value.ofType(Reference)",
    ])
  })

  it('know the datatype of what they find', () => {
    const observation: Resource = { resourceType: 'Observation', valueQuantity: { value: 1 } }
    const [found] = compiled('(Observation.value as Quantity)', 'Observation')(focusOf(observation))
    expect(found).toEqual({ value: { value: 1 }, type: 'Quantity', path: 'Observation.value' } satisfies Typed)
  })
})

const extractions = new Map<string, ReturnType<typeof compileExpression>>()

function compiled(expression: string, type: string): ReturnType<typeof compileExpression> {
  const known = extractions.get(type + expression) ?? compileExpression(expression, type, search.model)
  extractions.set(type + expression, known)
  return known
}

const paths = new Map<string, Path>()

/** R4 writes `as` where several may stand, and means each: the later versions write `ofType`. */
function pathOf(expression: string): Path {
  const each = expression.replace(/\(([\w.]+) as (\w+)\)/g, '$1.ofType($2)').replace(/\.as\((\w+)\)/g, '.ofType($1)')
  const known = paths.get(expression) ?? compilePath(each)
  paths.set(expression, known)
  return known
}

/** The engine is asked for `%resource` by nothing else than the way over fhirpath. */
function viaFhirPath(expression: string, type: string): boolean {
  let asked = false
  const watched = new Proxy<Resource>({ resourceType: type }, { ownKeys: () => ((asked = true), []) })
  compiled(expression, type)({ ...focusOf({ resourceType: type }), resource: watched })
  return asked
}

describe('the text of an expression', () => {
  it('is cut outside brackets and quotes', () => {
    expect(topLevel("a | b.where(c='x|y') | (d | e)", '|')).toEqual(['a ', " b.where(c='x|y') ", ' (d | e)'])
    expect(stepsOf('(Observation.value as Quantity).code')).toEqual(['Observation', 'value', 'as(Quantity)', 'code'])
  })
})
