/** What in a narrative harms, or shows other than what is attested. */

import type { ReadNarrative } from './narrative-read.ts'
import { ACTIVE, RUNNING, schemeOf } from '../fhir/xhtml-allowed.ts'
import { hiddenCharacters } from '../fhir/xhtml-characters.ts'
import { parseStyle, safeStyles, type Ground } from '../fhir/xhtml-style.ts'
import type { Attribute, OpenTag } from '../fhir/xhtml.ts'

/** What runs, fetches or submits something when it is shown. */
export function unsafeContent(narrative: ReadNarrative): readonly string[] {
  return narrative.elements.flatMap(({ tag }) => {
    const element = localName(tag.name)
    const own = ACTIVE.has(element) ? [`The element ${element} is active content, expected none in a narrative`] : []
    return [...own, ...tag.attributes.flatMap((attribute) => unsafeAttribute(tag, attribute))]
  })
}

/** What hides, reorders or adds text. */
export function hiddenText(narrative: ReadNarrative): readonly string[] {
  const texts = narrative.tokens.flatMap((token) => (token.kind === 'text' ? hiddenCharacters(token.text) : []))
  const grounds = new Set<OpenTag>()
  for (const { tag, parent } of narrative.elements) {
    const isOnGround = parent !== undefined && grounds.has(parent)
    texts.push(...hidingTag(tag, isOnGround ? 'other' : 'page'))
    if (isOnGround || tag.attributes.some(({ name, value }) => name === 'style' && value.includes('background')))
      grounds.add(tag)
  }
  return texts
}

function unsafeAttribute(tag: OpenTag, { name, value }: Attribute): readonly string[] {
  if (/^on/i.test(name)) return [`The attribute ${name} runs a script, expected none in a narrative`]
  if (name.toLowerCase() === 'style') {
    return safeStyles(parseStyle(value)).unsafe.map(
      (text) => `The style "${text}" reaches out of the narrative, expected none such`,
    )
  }
  const scheme = schemeOf(value)
  if (!RUNNING.has(scheme) || !ADDRESSES.has(localName(name)) || (scheme === 'data' && isPassive(tag, value))) return []
  return [`The attribute ${name} has an address of scheme ${scheme}, expected one that runs nothing`]
}

/** Data that runs nothing; an image runs nothing even where it is SVG, as long as it is shown as an image. */
function isPassive(tag: OpenTag, value: string): boolean {
  return tag.name === 'img' || /^data:(?:image\/(?!svg)|audio\/|video\/|application\/pdf|text\/plain)/i.test(value)
}

const ADDRESSES = new Set(
  'href src cite longdesc action formaction background data poster srcdoc srcset lowsrc dynsrc manifest ping codebase classid values to from by'.split(
    ' ',
  ),
)

function hidingTag({ name, attributes }: OpenTag, ground: Ground): readonly string[] {
  if (name === 'bdo') return ['The element bdo reverses characters, expected their own order']
  return attributes.flatMap(({ name: attribute, value }) => {
    if (attribute !== 'style') return []
    return safeStyles(parseStyle(value), ground).hiding.map(
      (text) => `The style "${text}" can hide or alter text, expected none such`,
    )
  })
}

/** The name without its prefix, in lower case: XML tells cases apart, a browser may not. */
function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1).toLowerCase()
}
