/** The div of a narrative inside XML: as it was written, or in canonical form. @see https://hl7.org/fhir/R4/narrative.html */

import { fail } from './error.ts'
import type { Expression } from './types.ts'
import { tokenize, type OpenTag, type Token } from './xhtml.ts'
import { entities } from './xhtml-entities.ts'
import { attributeText, characterText, XHTML } from './xml-names.ts'

/**
 * The markup as it may stand in XML: a carriage return is a reference there, and so is each named character of HTML.
 * @throws FhirError `structure` where it is not well-formed
 */
export function xmlDiv(markup: string, expression: Expression): string {
  const known = markup.includes('&') ? markup.replace(/&([A-Za-z][A-Za-z0-9]*);/g, numeric) : markup
  mustBeWhole(known, expression)
  return known.replaceAll('\r', '&#xD;')
}

/** The markup as C14N 1.0 writes it. @throws FhirError `structure` where it is not well-formed */
export function canonicalDiv(markup: string, expression: Expression): string {
  const tokens = mustBeWhole(markup.replace(/&([A-Za-z][A-Za-z0-9]*);/g, numeric), expression)
  return tokens.map(canonicalToken).join('')
}

function numeric(reference: string, name: string): string {
  const character = entities.get(name)
  return character === undefined ? reference : `&#x${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()};`
}

function mustBeWhole(markup: string, expression: Expression): readonly Token[] {
  const { tokens, faults } = tokenize(markup)
  const [first] = tokens
  const [fault] = faults
  const text = fault?.text ?? (first?.kind === 'open' && isXhtmlDiv(first) ? undefined : 'It is no div of XHTML')
  if (text !== undefined) throw fail('structure', `The narrative cannot be written as XML: ${text}`, { expression })
  return tokens
}

function isXhtmlDiv({ name, attributes }: OpenTag): boolean {
  return name === 'div' && attributes.some((one) => one.name === 'xmlns' && one.value === XHTML)
}

function canonicalToken(token: Token): string {
  if (token.kind === 'text') return characterText(token.text)
  if (token.kind === 'close') return `</${token.name}>`
  const attributes = token.attributes.toSorted(byCanonicalOrder)
  return `<${token.name}${attributes.map(({ name, value }) => ` ${name}="${attributeText(value)}"`).join('')}>`
}

/** Declarations of namespaces first, then names without one, then those with. */
function byCanonicalOrder(one: { readonly name: string }, other: { readonly name: string }): number {
  return rank(one.name) - rank(other.name) || (one.name < other.name ? -1 : 1)
}

function rank(name: string): number {
  return name === 'xmlns' ? 0 : name.includes(':') ? 2 : 1
}
