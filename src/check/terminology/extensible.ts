/** The extensible bindings of the base definitions: a code of another value set only where that has none for what is meant. */

import type { Definitions } from '../../fhir/definitions.ts'
import type { Library, Structure } from '../../fhir/library.ts'
import { lastingMemo, memoFor, type Memo } from '../../fhir/memo.ts'
import type { ElementModel } from '../../fhir/model.ts'
import { isObject, type Coding, type Json, type JsonObject } from '../../fhir/types.ts'
import type { Node } from '../../fhir/walk.ts'
import type { ResourceElementRule } from '../rule.ts'
import { termsFor } from './local.ts'

/** By base definition, the value sets of its extensible bindings by the path of the element. */
const known = lastingMemo<Structure, ReadonlyMap<string, string>>()

function bindingsOf(structure: Structure): ReadonlyMap<string, string> {
  let found = known.get(structure)
  if (found === undefined) {
    const rows = structure.elements.flatMap(({ path, binding }) =>
      binding?.strength === 'extensible' && binding.valueSet !== undefined ? [[path, binding.valueSet] as const] : [],
    )
    known.set(structure, (found = new Map(rows)))
  }
  return found
}

const memos = new WeakMap<Library, Memo<ElementModel, string | undefined>>()

/** The value set that the base definition of an element binds it to as extensible. */
function valueSetAt(node: Node, { library }: Definitions): string | undefined {
  const { model } = node
  if (model === undefined) return undefined
  const memo = memoFor(memos, library)
  const known = memo.get(model)
  if (known !== undefined || memo.has(model)) return known
  const found = boundBy(node, library)
  memo.set(model, found)
  return found
}

function boundBy({ parent, name, model }: Node, library: Library): string | undefined {
  const owner = parent?.type
  const structure = owner === undefined ? undefined : library.structure(owner.split('.')[0] ?? '')
  if (structure === undefined) return undefined
  return bindingsOf(structure).get(`${owner}.${model?.choice === undefined ? name : `${model.choice}[x]`}`)
}

function codingsOf(value: JsonObject): readonly Coding[] {
  const { coding } = value
  if (coding === undefined) return 'code' in value ? [value] : []
  return Array.isArray(coding) ? (coding as readonly Json[]).filter(isObject) : []
}

export const extensibleRule: ResourceElementRule = {
  id: 'extensible-binding',
  severity: 'warning',
  code: 'code-invalid',
  scope: 'resource',
  blocks: false,
  human: 'An element with an extensible binding has a code of its value set, unless that has none for what is meant',
  source: 'https://hl7.org/fhir/R4/terminologies.html#extensible',
  looks: 'resource',
  at: ['CodeableConcept', 'Coding'],
  breaks: (node, { definitions }) => {
    const { value } = node
    if (!isObject(value)) return false
    const url = valueSetAt(node, definitions)
    if (url === undefined) return false
    const codings = codingsOf(value)
    const members = termsFor(definitions.library).members(url)
    // a text alone says what no code does
    if (codings.length === 0 || codings.some((coding) => members(coding) !== 'out')) return false
    return `No coding is of the value set ${url}, expected one, unless it has none for what is meant`
  },
}
