/** What only a terminology server can say of the codes themselves: those of systems that are not at hand. */

import { isObject, type Coding, type JsonObject } from '../../fhir/types.ts'
import { expressionOf, placed, SELF, walk, type Node } from '../../fhir/walk.ts'
import type { PlacedContent } from '../rule.ts'
import { GRAMMARS } from './grammar.ts'
import { termsFor } from './local.ts'
import type { OpenQuestion } from './questions.ts'
import { terminologyRules } from './rules.ts'
import { codeOfSystem } from './value-set.ts'

const CODED: ReadonlySet<string | undefined> = new Set(['Coding', 'Quantity'])
const RULE = terminologyRules.find(({ id }) => id === 'code-known')

/** A question for each code whose system is not at hand. */
export function systemQuestions(contents: readonly PlacedContent[]): readonly OpenQuestion[] {
  return contents.flatMap(({ content: { resource, definitions }, root }) => {
    const found: OpenQuestion[] = []
    const terms = termsFor(definitions.library)
    const ask = (node: Node): void => {
      if (!CODED.has(node.type) || !isObject(node.value)) return
      const coding = codingOf(node.value)
      if (coding === undefined || Object.hasOwn(GRAMMARS, coding.system)) return
      if (codeOfSystem(coding.system, coding.code, terms.concepts(coding.system)) === 'unknown')
        found.push(question(coding, node, root))
    }
    walk(resource, definitions.model, ask, SELF)
    return found
  })
}

type Whole = Coding & { readonly system: string; readonly code: string }

function codingOf({ system, version, code }: JsonObject): Whole | undefined {
  if (typeof system !== 'string' || typeof code !== 'string') return undefined
  return { system, code, ...(typeof version === 'string' && { version }) }
}

function question(coding: Whole, node: Node, root: string): OpenQuestion {
  const { severity = 'error', code = 'code-invalid', source = '' } = RULE ?? {}
  return {
    codings: [coding],
    issue: {
      severity,
      code,
      text: `The system ${coding.system} has no code ${coding.code}`,
      expression: placed(`${expressionOf(node)}.code`, root),
      rule: 'code-known',
      source,
    },
  }
}
