/** Every R4 document and published example goes to XML and back unchanged; hostile XML is refused; a public signature fits the canonical form. */

import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { parseJson, stringify } from '../../src/fhir/json.ts'
import { isObject, isResource, type Json, type Resource } from '../../src/fhir/types.ts'
import { parseXml } from '../../src/fhir/xml.ts'
import { canonicalXml, stringifyXml } from '../../src/fhir/xml-write.ts'
import { model } from '../model.ts'
import { corpusDir, counts, documents } from './corpus.ts'

/** The JSON text with members in one order: XML has that of the definitions, JSON has any. */
function sorted(value: Json): string {
  const inOrder = (one: Json | undefined): Json => {
    if (Array.isArray(one)) return (one as readonly Json[]).map(inOrder)
    if (!isObject(one)) return one ?? null
    const names = Object.keys(one).sort()
    return Object.fromEntries(names.map((name) => [name, inOrder(one[name])]))
  }
  return stringify(inOrder(value))
}

/** `same`, or why the resource has no XML. @throws Error where it comes back changed */
function roundTrip(resource: Resource): string {
  let xml: string
  try {
    xml = stringifyXml(resource, model)
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    return error.issues[0].text.replace(/^[A-Z]\S* (?=has|is|cannot)/, '')
  }
  expect(sorted(parseXml(xml, model))).toBe(sorted(resource))
  return 'same'
}

describe.skipIf(corpusDir === undefined)('the documents of the corpus as XML', () => {
  it('come back with the same JSON, or are refused for what FHIR XML cannot say', () => {
    const answers = documents().map(({ bundle }) => roundTrip(bundle))
    console.log(counts(answers))
    expect(answers.filter((answer) => answer === 'same').length / answers.length).toBeGreaterThan(0.8)
  })

  const hostile = corpusDir === undefined ? [] : globSync(join(corpusDir, 'hostile/fhir-xml/*.xml'))
  it.each(hostile.map((path) => [path.split('/').at(-1) ?? '', path]))(
    '%s is refused in milliseconds',
    (name, path) => {
      const start = performance.now()
      const read = (): Resource => parseXml(readFileSync(path), model)
      if (name === 'cdata-narrative.xml') expect(isResource(read())).toBe(true)
      else expect(read).toThrow(FhirError)
      expect(performance.now() - start).toBeLessThan(500)
    },
  )

  it('the canonical form of a public signed example has the digest that was signed', () => {
    const bundle = parseXml(readFileSync(join(corpusDir ?? '', 'signed-examples/bundle-sign-xml.xml')), model)
    const octets = canonicalXml(bundle, model, ['id', 'meta', 'signature'])
    expect(createHash('sha256').update(octets).digest('base64')).toBe('SfhVhMgHGe825bB/oxa7bJW9VEZGN8ynDKX7tEBeGiA=')
  })
})

describe('the published examples of R4 as XML', () => {
  const folder = new URL('../../node_modules/hl7.fhir.r4.core/', import.meta.url).pathname
  it('all come back with the same JSON', () => {
    const resources = globSync(`${folder}*-*.json`).map((path) => parseJson(readFileSync(path)))
    const answers = resources.filter((one) => isResource(one)).map(roundTrip)
    console.log(counts(answers))
    expect(answers.length).toBeGreaterThan(5000)
    expect(new Set(answers)).toEqual(new Set(['same']))
  })
})
