/** JSON Schemas compiled to the text of a module, at build: the only door to ajv. */

import { Ajv, type CodeKeywordDefinition, type KeywordCxt, type ValidateFunction } from 'ajv'
import { _, str, type ValueScopeName } from 'ajv/dist/compile/codegen/index.js'
import type { Schema } from './schema.ts'

/** Each name must be there, or its `_` member, which holds the extensions of a primitive without value. */
const needs: CodeKeywordDefinition = {
  keyword: 'needs',
  type: 'object',
  schemaType: 'array',
  error: { message: 'missing', params: ({ params }) => _`{ name: ${params['name']} }` },
  code(context: KeywordCxt) {
    const { gen, data } = context
    for (const name of context.schema as readonly string[]) {
      gen.if(_`${data}[${name}] === undefined && ${data}[${`_${name}`}] === undefined`, () => {
        context.setParams({ name: str`${name}` })
        context.error()
      })
    }
  },
}

interface Choice {
  readonly stem: string
  readonly names: readonly string[]
  readonly needed: boolean
}

/** Of each group of names at most one may be there, and one must where it is needed. */
const choice: CodeKeywordDefinition = {
  keyword: 'choice',
  type: 'object',
  schemaType: 'array',
  error: { message: 'choice', params: ({ params }) => _`{ stem: ${params['stem']}, found: ${params['found']} }` },
  code(context: KeywordCxt) {
    const { gen, data, schemaValue } = context
    for (const [index, { stem, needed }] of (context.schema as readonly Choice[]).entries()) {
      const found = gen.const(
        'found',
        _`${schemaValue}[${index}].names.filter((name) => ${data}[name] !== undefined || ${data}["_" + name] !== undefined)`,
      )
      gen.if(needed ? _`${found}.length !== 1` : _`${found}.length > 1`, () => {
        context.setParams({ stem: str`${stem}`, found })
        context.error()
      })
    }
  },
}

/** What the text of {@link shapeModules} is kept under, beside the names of the types. */
const SHARED = 'shared'

/**
 * The texts of CommonJS modules by name: for each of the names one that exports the validating function of its schema,
 * and one of what they share, which is all that an extension may hold.
 */
export function shapeModules(schemas: readonly Schema[], names: readonly string[]): Readonly<Record<string, string>> {
  const ajv = new Ajv({
    allErrors: true,
    inlineRefs: false,
    messages: false,
    strictTypes: false,
    validateSchema: false,
    allowUnionTypes: true,
    logger: false,
    loopEnum: Number.POSITIVE_INFINITY,
    code: { source: true, lines: false, optimize: 1 },
    keywords: [needs, choice],
  })
  ajv.addSchema({ $id: 'Element-or-null', anyOf: [{ type: 'null' }, { $ref: 'Element' }] })
  for (const schema of schemas) ajv.addSchema(schema)
  const shared = partsOf(functionOf(ajv, 'Extension'))
  const exported = [...BOUNDED, ...[...shared.keys()].filter((name) => name.startsWith('validate'))]
  const modules = names.map((name) => {
    const validate = functionOf(ajv, name)
    const text = textOf(partsOf(validate, shared))
    const words = new Set(text.match(/\w+/g))
    const head = `const { ${exported.filter((one) => words.has(one)).join(', ')} } = require('./${SHARED}.cjs')`
    return [name, `${head}\n${text}\nmodule.exports = ${nameOf(validate)}\n`] as const
  })
  const own = `${BOUNDS}\n${textOf(shared)}\nmodule.exports = { ${exported.join(', ')} }\n`
  return { [SHARED]: own, ...Object.fromEntries(modules) }
}

type Values = ReadonlySet<ValueScopeName>
type Compiled = Required<Pick<ValidateFunction, 'source'>>

function functionOf(ajv: Ajv, name: string): Compiled {
  const validate = ajv.getSchema(name)
  if (validate === undefined) throw new TypeError(`There is no schema ${name}`)
  return validate as Compiled
}

function nameOf({ source }: Compiled): string {
  return source.validateName.str
}

/** The declarations that a function needs, itself among them, by their names; without those that are there already. */
function partsOf(validate: Compiled, there: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const parts = new Map<string, string>()
  const add = (one: Compiled): void => {
    const name = nameOf(one)
    if (there.has(name) || parts.has(name)) return
    parts.set(name, one.source.validateCode)
    for (const value of Object.values(one.source.scopeValues).flatMap((values) => [...(values as Values)])) {
      const { code, ref } = value.value ?? {}
      if (code !== undefined) parts.set(value.str, `const ${value.str} = ${String(code)};`)
      else if (typeof ref === 'function') add(ref as unknown as Compiled)
      else {
        // of a schema that holds itself
        const { validate: inner } = ref as { readonly validate: Compiled }
        add(inner)
        parts.set(value.str, `const ${value.str} = {validate: ${nameOf(inner)}};`)
      }
    }
  }
  add(validate)
  return parts
}

/** Functions stand before all, so the order of the rest is that of their need. */
function textOf(parts: ReadonlyMap<string, string>): string {
  return bounded([...parts.values()].join('\n'))
}

/** More errors than these are not kept of one object: what is sent may be made of errors alone. */
const maxErrors = 500

const BOUNDED = ['more', 'join']
const BOUNDS = `const more = (all, one) => { if (all === null) return [one]; if (all.length < ${maxErrors}) all.push(one); return all }
const join = (all, errors) => errors.reduce(more, all)`

/**
 * The code of ajv with its lists of errors bounded, and lengthened in place: it copies the whole list for each part.
 * Without what nobody asks of an error.
 */
function bounded(text: string): string {
  return text
    .replaceAll(/vErrors === null \? ([\w.]+)\.errors : vErrors\.concat\(\1\.errors\)/g, 'join(vErrors, $1.errors)')
    .replaceAll(
      /if\(vErrors === null\)\{vErrors = \[(\w+)\];\}else \{vErrors\.push\(\1\);\}/g,
      'vErrors = more(vErrors, $1);',
    )
    .replaceAll(/schemaPath:"[^"]*",|\/\*# sourceURL="[^"]*" \*\//g, '')
    .replaceAll(/params:\{pattern: "(?:[^"\\]|\\.)*"\}/g, 'params:{}')
}
