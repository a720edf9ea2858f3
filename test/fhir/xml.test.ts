/** FHIR XML reads as the JSON that it is, nothing lost; what is doubtful or hostile is refused. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { parseJson, stringify } from '../../src/fhir/json.ts'
import type { Resource } from '../../src/fhir/types.ts'
import { parseXml, type XmlLimits } from '../../src/fhir/xml.ts'
import { canonicalXml, stringifyXml } from '../../src/fhir/xml-write.ts'
import { model } from '../model.ts'

const patient = (content: string): string => `<Patient xmlns="http://hl7.org/fhir">${content}</Patient>`
const read = (xml: string): string => stringify(parseXml(xml, model))
const back = (json: string): string => read(stringifyXml(parseJson(json) as Resource, model))

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof FhirError) return `${error.issues[0].code}: ${error.issues[0].text}`
    throw error
  }
  return 'accepted'
}

const refused = (xml: string | Uint8Array, limits?: XmlLimits): string => refusal(() => parseXml(xml, model, limits))
const unwritable = (json: string): string => refusal(() => stringifyXml(parseJson(json) as Resource, model))

describe('reading', () => {
  it.each([
    ['<active value="true"/>', '"active":true'],
    ['<multipleBirthInteger value="2"/>', '"multipleBirthInteger":2'],
    ['<birthDate id="b" value="1970-03"/>', '"birthDate":"1970-03","_birthDate":{"id":"b"}'],
    [
      '<birthDate><extension url="http://e.example"><valueDecimal value="1.50"/></extension></birthDate>',
      '"_birthDate":{"extension":[{"url":"http://e.example","valueDecimal":1.50}]}',
    ],
    [
      '<name id="n"><given value="A"/><given id="g"/><given value="B"/></name>',
      '"name":[{"id":"n","given":["A",null,"B"],"_given":[null,{"id":"g"}]}]',
    ],
    [
      '<contained><Organization><id value="o"/></Organization></contained>',
      '"contained":[{"resourceType":"Organization","id":"o"}]',
    ],
    ['<active/><name/>', '"_active":{},"name":[{}]'],
    ['<!-- a --><active value="false"/><?some instruction?>', '"active":false'],
    ['<id value="a&#10;b &lt;&amp;&quot;&apos;&gt;&#x9;"/>', '"id":"a\\nb <&\\"\'>\\t"'],
    [
      '<text><status value="additional"/><div xmlns="http://www.w3.org/1999/xhtml">a &#160; <b >c</b><br/></div></text>',
      '"text":{"status":"additional","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">a &#160; <b >c</b><br/></div>"}',
    ],
  ])('%s is %s', (xml, json) => {
    expect(read(patient(xml))).toBe(`{"resourceType":"Patient",${json}}`)
  })

  it('takes a prefix for a namespace, in narrative too', () => {
    const xml =
      '<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><f:text><f:status value="empty"/>' +
      '<h:div class="a">1 &lt; <h:b>2</h:b></h:div></f:text></f:Patient>'
    expect(read(xml)).toBe(
      '{"resourceType":"Patient","text":{"status":"empty","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\" class=\\"a\\">1 &lt; <b>2</b></div>"}}',
    )
  })

  it('takes the place of a schema and a declaration of UTF-8, with a byte order mark', () => {
    const xml =
      '\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<Patient xmlns="http://hl7.org/fhir" ' +
      'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"><id value="p"/></Patient>\n'
    expect(read(xml)).toBe('{"resourceType":"Patient","id":"p"}')
  })
})

describe('what is refused, with its place', () => {
  it.each([
    ['<Patient/>', 'no namespace that FHIR has'],
    [patient('<nickname value="x"/>'), 'Patient has no element nickname'],
    [patient('<_active value="true"/>'), 'Patient has no element _active'],
    [patient('<active value="true" unit="x"/>'), 'The element active has no attribute unit'],
    [patient('<active value="1"/>'), 'The value of active is no boolean'],
    [patient('<multipleBirthInteger value="02"/>'), 'The value of multipleBirthInteger is no number'],
    [patient('<contained/>'), 'The element contained is empty'],
    [patient('<gender value="male"/><active value="true"/>'), 'active stands after gender, expected before it'],
    [patient('<active value="true"/><active value="true"/>'), 'The element active stands twice'],
    [patient('<extension url="u"><url value="u"/></extension>'), 'Extension has no element url'],
    [patient('text'), 'There is text between elements'],
    [patient('<active value="&nbsp;"/>'), 'not well-formed'],
    [patient('<a xmlns="http://www.w3.org/2001/XInclude"/>'), 'no namespace that FHIR has'],
    [patient('<div xmlns="http://www.w3.org/1999/xhtml"/>'), 'Patient has no element div'],
    [patient('<text><status value="empty"/><div/></text>'), 'The element div is in the wrong namespace'],
    [patient('<contained><Patient/><Patient/></contained>'), 'holds two resources'],
    ['<Thing xmlns="http://hl7.org/fhir"/>', 'The element Thing is no resource that FHIR defines'],
    ['<?xml version="1.0" encoding="ISO-8859-1"?><Patient/>', 'declared as something else than UTF-8'],
    [patient('<id value="a" value="b"/>'), 'not well-formed'],
    ['', 'not well-formed'],
    [`${patient('')}<x/>`, 'not well-formed'],
  ])('%s', (xml, text) => {
    expect(refused(xml)).toContain(text)
    expect(refused(xml)).toMatch(/\(line \d+, column \d+\)$/)
  })

  it('bytes that are no UTF-8', () => {
    expect(refused(new Uint8Array([0x3c, 0xff]))).toBe('structure: The XML text is not UTF-8')
  })
})

describe('hostile XML is refused at once', () => {
  const laughs = Array.from({ length: 20 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('')
  it.each([
    ['a bomb of entities', `<!DOCTYPE x [<!ENTITY l0 "ha">${laughs}]>${patient('<id value="&l20;"/>')}`],
    ['an external entity', `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${patient('<id value="&e;"/>')}`],
    ['an external document type', `<!DOCTYPE x SYSTEM "http://attacker.example/x.dtd">${patient('')}`],
  ])('%s', (_, xml) => {
    expect(refused(xml)).toContain('The XML has a document type, which is not allowed')
  })

  it.each([
    ['deep nesting', patient('<extension url="u">'.repeat(100_000)), 'Nesting is deeper than 200 levels'],
    [
      'deep narrative',
      patient(`<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml">${'<b>'.repeat(100_000)}`),
      'Nesting is deeper than 200 levels',
    ],
    [
      'many attributes',
      patient(`<id ${Array.from({ length: 50_000 }, (_, n) => `a${n}="1"`).join(' ')}/>`),
      'An element has more than 100 attributes',
    ],
  ])('%s', (_, xml, text) => {
    const start = performance.now()
    expect(refused(xml)).toContain(text)
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it('a text longer than the limit', () => {
    expect(refused(patient(''), { maxBytes: 10 })).toMatch(/^too-long: The XML text has \d+ bytes, at most 10/)
  })
})

describe('writing', () => {
  it.each([
    '{"resourceType":"Patient","id":"a\\tb\\r\\n <&>\\"\'é🜚"}',
    '{"resourceType":"Observation","valueQuantity":{"value":1.50,"unit":"mg"}}',
    '{"resourceType":"Observation","valueQuantity":{"value":1e3}}',
    '{"resourceType":"Patient","_birthDate":{"id":"x","extension":[{"url":"u","valueCode":"unknown"}]}}',
    '{"resourceType":"Patient","name":[{"given":["A",null,"B"],"_given":[null,{"id":"g"}]}]}',
    '{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">a\\r\\n&#160;<br /></div>"}}',
    '{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:x:1","resource":{"resourceType":"Binary","contentType":"a/b","data":"AA=="}}]}',
    '{"resourceType":"Parameters","parameter":[{"name":"a","resource":{"resourceType":"Patient","active":true}},{"name":"b","valueInteger":-1}]}',
  ])('reads back the same: %s', (json) => {
    expect(back(json)).toBe(json)
  })

  it('puts elements in the order of the definitions', () => {
    expect(back('{"gender":"male","active":true,"resourceType":"Patient"}')).toBe(
      '{"resourceType":"Patient","active":true,"gender":"male"}',
    )
  })

  it('writes a named character of HTML by its number', () => {
    const json =
      '{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">a&nbsp;b</div>"}}'
    expect(back(json)).toBe(json.replace('&nbsp;', '&#xA0;'))
  })

  it('indents for people without a change', () => {
    const resource = parseJson('{"resourceType":"Patient","id":"p","name":[{"family":"F"}]}') as Resource
    const xml = stringifyXml(resource, model, 'pretty')
    expect(xml).toContain('\n  <name>\n    <family value="F"/>\n  </name>\n</Patient>')
    expect(parseXml(xml, model)).toEqual(resource)
  })

  it.each([
    ['{"resourceType":"Patient","nickname":"x"}', 'a member nickname that the definitions do not know'],
    ['{"resourceType":"Patient","fhir_comments":["x"]}', 'a member fhir_comments that the definitions do not know'],
    ['{"resourceType":"Patient","id":"\\u0001"}', 'Patient.id has a character that XML does not allow'],
    ['{"resourceType":"Patient","name":{"family":"F"}}', 'Patient.name is no list'],
    ['{"resourceType":"Patient","name":[]}', 'Patient.name is an empty list'],
    ['{"resourceType":"Patient","name":[{}]}', 'Patient.name[0] is empty'],
    ['{"resourceType":"Patient","active":{"a":1}}', 'Patient.active is no boolean'],
    ['{"resourceType":"Patient","active":"true"}', 'Patient.active is no boolean'],
    ['{"resourceType":"Patient","multipleBirthInteger":"2"}', 'Patient.multipleBirthInteger is no number'],
    ['{"resourceType":"Patient","gender":1}', 'Patient.gender is no text'],
    ['{"resourceType":"Patient","extension":[{"url":true}]}', 'Patient.extension[0].url is no text'],
    ['{"resourceType":"Thing"}', 'Thing is of the type Thing, which the definitions do not know'],
    ['{"resourceType":"Patient","text":{"status":"empty","div":"<p>"}}', 'The narrative cannot be written as XML'],
    ['{"resourceType":"Patient","text":{"status":"empty","div":"<div>a</div>"}}', 'It is no div of XHTML'],
  ])('refuses what XML cannot say: %s', (json, text) => {
    expect(unwritable(json)).toContain(text)
  })

  it('gives back any text that XML can have', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (family) => {
        const resource: Resource = { resourceType: 'Patient', name: [{ family: `${family}.` }] }
        const answer = refusal(() => stringifyXml(resource, model))
        if (answer === 'accepted') {
          expect(parseXml(stringifyXml(resource, model), model)).toEqual(resource)
        } else {
          expect(answer).toContain('has a character that XML does not allow')
        }
      }),
    )
  })
})

describe('the canonical form', () => {
  it('is that of C14N: no declaration, paired tags, sorted attributes, references resolved', () => {
    const resource = parseXml(
      patient(
        '<id value="p"/><text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml"  title=\'a"b\' class="c">1 &#62; <br/><!-- c --></div></text>',
      ),
      model,
    )
    expect(canonicalXml(resource, model)).toBe(
      '<Patient xmlns="http://hl7.org/fhir"><id value="p"></id><text><status value="empty"></status>' +
        '<div xmlns="http://www.w3.org/1999/xhtml" class="c" title="a&quot;b">1 &gt; <br></br></div></text></Patient>',
    )
  })

  it('leaves out the members of the root that are named', () => {
    const resource = parseXml(patient('<id value="p"/><active id="a" value="true"/>'), model)
    expect(canonicalXml(resource, model, ['id'])).toBe(
      '<Patient xmlns="http://hl7.org/fhir"><active id="a" value="true"></active></Patient>',
    )
  })
})
