/**
 * What a signature over single resources covers in JSON: the canonical form of the one resource, or of the list of them in
 * the order of the targets.
 * @see https://hl7.org/fhir/6.0.0-ballot4/signatures.html
 */

import { canonical } from '../fhir/canonical.ts'
import type { Signature } from '../fhir/types.ts'
import { alteredPlaces } from './numbers.ts'
import { formOf, omittedOfResource, resourceForms, withSpacesEscaped, type OtherForm } from './octets.ts'
import type { Part } from './parts.ts'
import type { Form, Target } from './target.ts'

/** The resources in their canonical forms; one resource may stand in a list of its own. */
export function partTarget(part: Part, signature: Signature): Target {
  const isList = part.targets.length > 1
  return {
    forms: (canon) => {
      const [first, ...others] = resourceForms(canon ?? formOf(signature))
      const more = isList ? [] : [formIn(part, first, 'list')]
      return [formIn(part, first, layoutOf(part)), ...more, ...others.map((name) => formIn(part, name, layoutOf(part)))]
    },
    others: (declared) => otherForms(part, declared),
  }
}

type Layout = 'list' | 'alone'

function layoutOf({ targets }: Part): Layout {
  return targets.length > 1 ? 'list' : 'alone'
}

function formIn(part: Part, form: string, layout: Layout): Form {
  const omits = omittedOfResource(form)
  const name = layout === layoutOf(part) && layout === 'alone' ? form : `${form}, as a list of resources`
  if (omits === undefined) return { name: form, omits, notCovered: [] }
  const octets = (): Uint8Array => Buffer.from(textOf(part, omits, layout), 'utf8')
  return { name, omits, octets, notCovered: notCoveredBy(part, omits), altered: () => alteredIn(part) }
}

/** What of the signed resources a form of JSON leaves out (H-5). */
function notCoveredBy(part: Part, omits: readonly string[]): readonly string[] {
  return [...omittedPlaces(part, omits), 'the precision of decimals (trailing zeros)']
}

function alteredIn({ targets }: Part): readonly string[] {
  return targets.flatMap(({ resource, place }) => alteredPlaces(resource, place))
}

/** The expressions of the members that a form leaves out. */
export function omittedPlaces({ targets }: Part, omits: readonly string[]): readonly string[] {
  return targets.flatMap(({ place }) => omits.map((member) => `${place}.${member}`))
}

function textOf({ targets }: Part, omits: readonly string[], layout: Layout): string {
  const texts = targets.map(({ resource }) => canonical(resource, omits))
  return layout === 'list' ? `[${texts.join(',')}]` : texts.join('')
}

/** For diagnosis only: the other forms, another order, and each as HL7's own writer escapes it. */
function otherForms(part: Part, declared: string): readonly OtherForm[] {
  const { targets } = part
  const layout = layoutOf(part)
  const [first, ...others] = [...targets].reverse()
  const reversed =
    targets.length > 1 && first !== undefined
      ? [{ part: { targets: [first, ...others] as const }, of: ', in another order' }]
      : []
  const parts = [{ part, of: '' }, ...reversed]
  return resourceForms(undefined).flatMap((form) => {
    const omits = omittedOfResource(form) ?? []
    const plain = parts.map((one) => ({
      name: `${form}${layout === 'list' ? ', as a list of resources' : ''}${one.of}`,
      text: () => textOf(one.part, omits, layout),
    }))
    return plain.flatMap(({ name, text }) => [
      ...(name === declared ? [] : [{ name, octets: () => Buffer.from(text(), 'utf8') }]),
      {
        name: `${name}, with Unicode spaces escaped, which RFC 8785 forbids`,
        octets: () => Buffer.from(withSpacesEscaped(text()), 'utf8'),
      },
    ])
  })
}
