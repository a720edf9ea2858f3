/**
 * The stylesheets of a document, made safe: what a reader should honour, for narratives alone. The only door to css-tree.
 * @see https://hl7.org/fhir/R4/documents.html#css
 */

import type { Atrule, CssNode, Rule, Selector } from 'css-tree'
import generate from 'css-tree/generator'
import parse from 'css-tree/parser'
import { CLASSES, ELEMENTS } from '../fhir/xhtml-allowed.ts'
import { safeStyles, styleText, type Declaration } from '../fhir/xhtml-style.ts'
import { CLASS_PREFIX } from './narrative-attributes.ts'
import { nameIn, newRemovals, type Removals } from './narrative-removals.ts'

export interface SafeStylesheet {
  /** Rules for narratives: each begins with the selector given. */
  readonly css: string
  /** The class names of the document that the rules use, as the document writes them. */
  readonly classes: ReadonlySet<string>
  /** What was left out. */
  readonly removals: Removals
}

/** A stylesheet as it may be applied to what is within `scope`, a selector such as `.narrative`. */
export function safeStylesheet(css: string, scope: string): SafeStylesheet {
  const sheet: Sheet = { scope, rules: [], classes: new Set(), removals: newRemovals() }
  if (css.length > maxLength || nesting(css) > maxNesting)
    sheet.removals.content.add('stylesheet too large or too deeply nested')
  else for (const node of nodesOf(css)) addNode(sheet, node)
  return { css: sheet.rules.join('\n'), classes: sheet.classes, removals: sheet.removals }
}

const maxLength = 512 * 1024
/** The parser calls itself for each level. */
const maxNesting = 32

interface Sheet {
  readonly scope: string
  readonly rules: string[]
  readonly classes: Set<string>
  readonly removals: Removals
}

function nesting(css: string): number {
  let depth = 0
  let most = 0
  for (const [mark] of css.matchAll(/[{}()[\]]/g)) {
    depth = '{(['.includes(mark) ? depth + 1 : Math.max(0, depth - 1)
    most = Math.max(most, depth)
  }
  return most
}

function nodesOf(css: string): readonly CssNode[] {
  const sheet = parse(css, { parseAtrulePrelude: false, parseValue: false, parseCustomProperty: false })
  return sheet.type === 'StyleSheet' ? sheet.children.toArray() : []
}

function addNode(sheet: Sheet, node: CssNode): void {
  if (node.type === 'Rule') sheet.rules.push(...ruleText(sheet, node))
  else if (node.type === 'Atrule') addAtrule(sheet, node)
  else if (node.type !== 'Comment' && node.type !== 'WhiteSpace' && node.type !== 'CDO' && node.type !== 'CDC') {
    sheet.removals.presentation.add(`unreadable "${nameIn(generate(node))}"`)
  }
}

const MEDIA = /^\s*(?:all|print|screen)(?:\s*,\s*(?:all|print|screen))*\s*$/i

function addAtrule(sheet: Sheet, { name, prelude, block }: Atrule): void {
  const media = prelude ? generate(prelude) : ''
  if (name.toLowerCase() === 'charset') return
  if (name.toLowerCase() !== 'media' || !MEDIA.test(media) || !block) {
    sheet.removals.content.add(`rule @${nameIn(name)}`)
    return
  }
  const rules = block.children.toArray().flatMap((node) => (node.type === 'Rule' ? ruleText(sheet, node) : []))
  if (rules.length > 0) sheet.rules.push(`@media ${media.trim().toLowerCase()} {\n${rules.join('\n')}\n}`)
}

function ruleText(sheet: Sheet, { prelude, block }: Rule): readonly string[] {
  const { kept, dropped, hiding, unsafe } = safeStyles(declarationsOf(block.children.toArray()))
  for (const name of dropped) sheet.removals.presentation.add(`style ${nameIn(name)}`)
  for (const text of [...hiding, ...unsafe]) sheet.removals.content.add(`style "${nameIn(text)}"`)
  if (kept.length === 0) return []
  const selectors = prelude.type === 'SelectorList' ? prelude.children.toArray() : []
  const texts = selectors.flatMap((selector) => {
    const text = selector.type === 'Selector' ? selectorText(sheet, selector) : undefined
    if (text === undefined) sheet.removals.presentation.add(`selector ${nameIn(generate(selector))}`)
    return text ?? []
  })
  if (selectors.length === 0) sheet.removals.presentation.add(`selector ${nameIn(generate(prelude))}`)
  return texts.length > 0 ? [`${texts.join(', ')} { ${styleText(kept)} }`] : []
}

function declarationsOf(nodes: readonly CssNode[]): readonly Declaration[] {
  return nodes.flatMap((node) =>
    node.type === 'Declaration' ? [{ property: node.property.toLowerCase(), value: generate(node.value) }] : [],
  )
}

/** What stands for the page itself, and so for the narrative. */
const PAGE = new Set(['html', 'body', ':root'])
const PSEUDO =
  /^:(?:root|first-child|last-child|only-child|first-of-type|last-of-type|(?:nth-child|nth-of-type|nth-last-child)\((?:odd|even|[\dn+\- ]+)\))$/i

/** The selector within the scope; undefined for one that could reach outside it or add text. */
function selectorText({ scope, classes }: Sheet, selector: Selector): string | undefined {
  const parts: string[] = []
  const used: string[] = []
  for (const node of selector.children.toArray()) {
    const part = selectorPart(node, used)
    if (part === undefined) return undefined
    parts.push(part)
  }
  while (PAGE.has(parts[0]?.toLowerCase() ?? '')) parts.splice(0, /^[ >]$/.test(parts[1] ?? '') ? 2 : 1)
  if (parts.some((part) => PAGE.has(part.toLowerCase())) || /^[>+~]/.test(parts[0] ?? '')) return undefined
  for (const name of used) classes.add(name)
  return [scope, ...(parts.length > 0 ? [parts.join('')] : [])].join(' ')
}

function selectorPart(node: CssNode, used: string[]): string | undefined {
  if (node.type === 'TypeSelector') {
    const name = node.name.toLowerCase()
    return name === '*' || ELEMENTS.has(name) || PAGE.has(name) ? name : undefined
  }
  if (node.type === 'ClassSelector') {
    if (!/^[A-Za-z][\w-]*$/.test(node.name)) return undefined
    if (CLASSES.has(node.name)) return `.${node.name}`
    used.push(node.name)
    return `.${CLASS_PREFIX}${node.name}`
  }
  if (node.type === 'Combinator') return node.name
  const text = node.type === 'PseudoClassSelector' ? generate(node) : ''
  return PSEUDO.test(text) ? text.toLowerCase() : undefined
}
