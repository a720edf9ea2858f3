/** The form of one narrative: markup, root, names, places, content and language. */

import type { ReadNarrative } from './narrative-read.ts'
import {
  BLOCKS,
  CHILDREN,
  ELEMENTS,
  isAllowedAttribute,
  PARAGRAPHS,
  PARENTS,
  VOID,
  XHTML,
} from '../fhir/xhtml-allowed.ts'
import type { OpenTag } from '../fhir/xhtml.ts'

/** What is not well-formed; the first fault only, since the others often come of it. */
export function formFaults({ faults: [first], div }: ReadNarrative): readonly string[] {
  if (!first) return []
  const line = div.slice(0, first.offset).split('\n').length
  return [`${first.text}, at character ${first.offset + 1} (line ${line}) of the narrative`]
}

/** The root is a div, and every namespace is that of XHTML. */
export function rootFaults(narrative: ReadNarrative): readonly string[] {
  const texts: string[] = []
  for (const { tag, parent } of narrative.elements) {
    const namespace = attributeOf(tag, 'xmlns')
    if (parent !== undefined && namespace !== undefined && namespace !== XHTML) {
      texts.push(`The element ${tag.name} is in the namespace ${namespace}, expected ${XHTML}`)
    }
    if (parent !== undefined) continue
    if (tag.name !== 'div') texts.push(`The root is ${tag.name}, expected div`)
    if (namespace !== XHTML) texts.push(`The root is in ${namespace ?? 'no namespace'}, expected xmlns="${XHTML}"`)
  }
  return texts
}

/** Elements and attributes that narrative may not have. */
export function nameFaults(narrative: ReadNarrative): readonly string[] {
  return narrative.elements.flatMap(({ tag: { name, attributes } }) => [
    ...(ELEMENTS.has(name) ? [] : [`The element ${name} is not allowed in narrative`]),
    ...attributes
      .filter((attribute) => !isAllowedAttribute(name, attribute.name))
      .map((attribute) => `The attribute ${attribute.name} is not allowed on ${name}`),
  ])
}

/** Some text that is not only white space, or an image. */
export function contentFaults({ tokens }: ReadNarrative): readonly string[] {
  const hasContent = tokens.some((token) => {
    if (token.kind === 'text') return /[^\s\u200B\uFEFF]/.test(token.text)
    return token.kind === 'open' && token.name === 'img'
  })
  return hasContent ? [] : ['The narrative is empty, expected some text or an image']
}

/** Elements where they may not stand, such as a row outside a table. */
export function placeFaults(narrative: ReadNarrative): readonly string[] {
  const texts: string[] = []
  const open: OpenTag[] = []
  let paragraphs = 0
  for (const token of narrative.tokens) {
    const parent = open.at(-1)
    if (token.kind === 'text') {
      if (parent && /\S/.test(token.text)) texts.push(...textFaults(parent.name))
    } else if (token.kind === 'close') {
      if (PARAGRAPHS.has(open.pop()?.name ?? '')) paragraphs--
    } else {
      if (parent) texts.push(...elementFaults(token.name, parent.name))
      if (paragraphs > 0 && BLOCKS.has(token.name))
        texts.push(`The element ${token.name} stands within a paragraph or heading`)
      open.push(token)
      if (PARAGRAPHS.has(token.name)) paragraphs++
    }
  }
  return texts
}

function textFaults(parent: string): readonly string[] {
  return CHILDREN.has(parent) || VOID.has(parent)
    ? [`There is text directly in ${parent}, expected it in an element of its own`]
    : []
}

function elementFaults(name: string, parent: string): readonly string[] {
  if (VOID.has(parent)) return [`The element ${parent} has content, expected none`]
  const isMisplaced = PARENTS.get(name)?.has(parent) === false || CHILDREN.get(parent)?.has(name) === false
  return isMisplaced ? [`The element ${name} stands directly in ${parent}, where it may not`] : []
}

/** `lang` and `xml:lang` of the div agree with each other and with the language of the resource. */
export function languageFaults({ tokens, resource }: ReadNarrative): readonly string[] {
  const root = tokens.find((token) => token.kind === 'open')
  if (!root) return []
  const lang = attributeOf(root, 'lang')
  const xmlLang = attributeOf(root, 'xml:lang')
  const own = lang ?? xmlLang
  if (own === undefined) return []
  if (lang !== undefined && xmlLang !== undefined && lang.toLowerCase() !== xmlLang.toLowerCase()) {
    return [`The div has lang ${lang} and xml:lang ${xmlLang}, expected the same`]
  }
  const { language } = resource
  if (typeof language !== 'string' || primary(language) === primary(own)) return []
  return [`The div is in ${own} and the resource in ${language}, expected the same`]
}

function primary(language: string): string {
  return language.split(/[-_]/, 1)[0]?.toLowerCase() ?? ''
}

function attributeOf({ attributes }: OpenTag, name: string): string | undefined {
  return attributes.find((attribute) => attribute.name === name)?.value
}
