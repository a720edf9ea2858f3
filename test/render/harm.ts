/** What markup would do on a page, judged by a reading of its own: an empty list where it is harmless. */

import { ELEMENTS } from '../../src/fhir/xhtml-allowed.ts'
import { tokenize } from '../../src/fhir/xhtml.ts'

const ATTRIBUTES = new Set(
  `abbr align alt border cellpadding cellspacing class colspan coords dir frame headers height href id lang name rel rowspan
  rules scope shape span src style summary title usemap valign width xml:lang`.split(/\s+/),
)
const FORMS: Readonly<Record<string, RegExp>> = {
  href: /^(?:#|https?:\/\/|mailto:)/,
  src: /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*$/,
  style:
    /^(?:(?:color|background-color|border(?:-\w+)?|font-(?:size|family|style|weight)|list-style-type|text-(?:align|decoration-line)|vertical-align|white-space|border-collapse):[\w #%.,'()-]+(?:;|$))*$/,
  usemap: /^#/,
}

/** Every element, attribute and address outside the allow-lists, and every fault of the markup. */
export function harmOf(xhtml: string): readonly string[] {
  const { tokens, faults } = tokenize(xhtml)
  const found = faults.map(({ text }) => text)
  const ids = new Set<string>()
  for (const token of tokens) {
    if (token.kind !== 'open') continue
    if (!ELEMENTS.has(token.name)) found.push(`element ${token.name}`)
    for (const { name, value } of token.attributes) {
      if (!ATTRIBUTES.has(name)) found.push(`attribute ${name}`)
      if (FORMS[name]?.test(value) === false || /url\(|expression|script:/i.test(name === 'style' ? value : ''))
        found.push(`${name}="${value}"`)
      if (name === 'id' && ids.size === ids.add(value).size) found.push(`id ${value} twice`)
    }
  }
  return found
}
