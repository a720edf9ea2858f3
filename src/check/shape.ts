/** JSON Schemas compiled to the text of a module, at build: the only door to ajv. */

import { Ajv, type CodeKeywordDefinition, type KeywordCxt } from 'ajv'
import { _, str } from 'ajv/dist/compile/codegen/index.js'
import standaloneCode from 'ajv/dist/standalone/index.js'
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

/** The text of an ES module that exports a validating function for each schema whose name is given. */
export function shapeModule(schemas: readonly Schema[], names: readonly string[]): string {
  const ajv = new Ajv({
    allErrors: true,
    inlineRefs: false,
    messages: false,
    strictTypes: false,
    validateSchema: false,
    allowUnionTypes: true,
    logger: false,
    loopEnum: Number.POSITIVE_INFINITY,
    code: { source: true, esm: true, lines: false, optimize: 1 },
    keywords: [needs, choice],
  })
  ajv.addSchema({ $id: 'Element-or-null', anyOf: [{ type: 'null' }, { $ref: 'Element' }] })
  for (const schema of schemas) ajv.addSchema(schema)
  const text = standaloneCode.default(ajv, Object.fromEntries(names.map((name) => [name, name])))
  return `${JOIN}${bounded(text)}`
}

/** More errors than these are not kept of one object: what is sent may be made of errors alone. */
const maxErrors = 500

const JOIN = `const join = (all, more) => { if (all === null) return more; for (const one of more) { if (all.length >= ${maxErrors}) break; all.push(one) } return all };`

/** The code of ajv with its lists of errors bounded, and lengthened in place: it copies the whole list for each part. */
function bounded(text: string): string {
  return text
    .replaceAll(/vErrors === null \? ([\w.]+)\.errors : vErrors\.concat\(\1\.errors\)/g, 'join(vErrors, $1.errors)')
    .replaceAll(/\{vErrors\.push\((\w+)\);\}/g, `{if(vErrors.length < ${maxErrors})vErrors.push($1);}`)
}
