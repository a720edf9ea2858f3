/** The narrative of FHIR XML as JSON has it: the text of its div, as it was written. @see https://hl7.org/fhir/R4/narrative.html */

import { attributeText, characterText, XHTML, type XmlElement } from './xml-names.ts'

export interface NarrativeReader {
  readonly open: (element: XmlElement) => void
  readonly text: (characters: string) => void
  /** The div, where the element that ends at the offset is it. */
  readonly close: (offset: number) => string | undefined
}

/**
 * A reader of the div that opens at the offset. Where it is written with prefixes, or takes its namespace from outside,
 * it is written anew, as JSON cannot have what stands around it.
 */
export function narrativeReader(source: string, div: XmlElement, offset: number): NarrativeReader {
  const open: string[] = []
  const written: string[] = []
  let isOwn = !div.isPrefixed && declaresXhtml(source, offset)
  const start = ({ name, attributes, isPrefixed }: XmlElement): void => {
    isOwn &&= !isPrefixed
    const space = open.length === 0 ? ` xmlns="${XHTML}"` : ''
    open.push(name)
    written.push(`<${name}${space}${attributesText(attributes)}>`)
  }
  start(div)
  return {
    open: start,
    text: (characters) => void written.push(characterText(characters)),
    close(end) {
      const name = open.pop() ?? ''
      written.push(`</${name}>`)
      if (open.length > 0) return undefined
      return isOwn ? withLineEnds(source.slice(offset, end)) : written.join('')
    },
  }
}

function declaresXhtml(source: string, offset: number): boolean {
  return /\sxmlns\s*=/.test(source.slice(offset, source.indexOf('>', offset)))
}

function attributesText(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${attributeText(value)}"`)
    .join('')
}

/** XML reads every line end as a line feed; a carriage return that is meant is a reference, and JSON has it as it is. */
function withLineEnds(markup: string): string {
  return markup.replace(/\r\n?/g, '\n').replaceAll('&#xD;', '\r')
}
