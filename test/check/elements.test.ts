/** Element rules are asked once of what cannot change, and in each document of what depends on the document. */

import { expect, it } from 'vitest'
import { dispatch } from '../../src/check/dispatch.ts'
import { elementFindings } from '../../src/check/elements.ts'
import type { ElementRule, ResourceElementRule, RuleText } from '../../src/check/rule.ts'
import { subjectOf } from '../../src/check/subject.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { frozen } from '../../src/fhir/memo.ts'
import type { Bundle, Entry, Resource } from '../../src/fhir/types.ts'

const definitions = await loadDefinitions()

const text: Omit<RuleText, 'id'> = {
  severity: 'error',
  code: 'invalid',
  scope: 'resource',
  human: 'x',
  source: 'https://hl7.org/fhir/R4/',
}

it('the answers stand in the order of the elements, whether they are remembered or not', () => {
  const asked: string[] = []
  const rules: readonly ElementRule[] = [
    { ...text, id: 'document', looks: 'document', at: ['HumanName', 'id'], breaks: () => asked.push('document') > 0 },
    { ...text, id: 'resource', looks: 'resource', at: ['HumanName', 'id'], breaks: () => asked.push('resource') > 0 },
  ]
  const patient = frozen<Resource>({ resourceType: 'Patient', id: '1', name: [{ family: 'Probe' }] })
  const bundle = (count: number): Bundle => ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: [...Array.from({ length: count }, () => ({ fullUrl: 'urn:x' })), { resource: patient }],
  })
  const asking = { elementRules: dispatch(rules) }
  const found = (count: number): readonly string[] =>
    elementFindings(subjectOf(bundle(count), definitions), asking).flatMap(({ rule, findings }) =>
      findings.map(({ expression }) => `${rule.id} ${expression}`),
    )
  expect(found(0)).toEqual([
    'document Bundle.entry[0].resource.id',
    'resource Bundle.entry[0].resource.id',
    'document Bundle.entry[0].resource.name[0]',
    'resource Bundle.entry[0].resource.name[0]',
  ])
  expect(found(1)).toEqual([
    'document Bundle.entry[1].resource.id',
    'resource Bundle.entry[1].resource.id',
    'document Bundle.entry[1].resource.name[0]',
    'resource Bundle.entry[1].resource.name[0]',
  ])
  expect(asked.filter((each) => each === 'document')).toHaveLength(4)
  expect(asked.filter((each) => each === 'resource')).toHaveLength(2)
})

it('an entry is looked at once where nothing is wrong in it, and each time where something is', () => {
  const asked: string[] = []
  const breaks: ResourceElementRule['breaks'] = ({ value, parent }) => {
    asked.push(String(parent?.index))
    return value === 'urn:wrong'
  }
  const rules: readonly ElementRule[] = [
    { ...text, id: 'url', looks: 'resource', at: ['Bundle.entry.fullUrl'], breaks },
  ]
  const entry = (fullUrl: string): Entry => {
    const resource = frozen<Resource>({ resourceType: 'Basic', id: fullUrl.slice(4) })
    return Object.freeze({ fullUrl, resource })
  }
  const [right, wrong] = [entry('urn:right'), entry('urn:wrong')]
  const asking = { elementRules: dispatch(rules) }
  const found = (...entries: readonly Entry[]): readonly string[] =>
    elementFindings(subjectOf({ resourceType: 'Bundle', type: 'collection', entry: entries }, definitions), asking)
      .flatMap(({ findings }) => findings)
      .map(({ expression }) => expression)
  expect(found(right, wrong)).toEqual(['Bundle.entry[1].fullUrl'])
  expect(found(wrong, right)).toEqual(['Bundle.entry[0].fullUrl'])
  expect(found({ ...right, fullUrl: 'urn:wrong' })).toEqual(['Bundle.entry[0].fullUrl'])
  expect(asked).toEqual(['0', '1', '0', '0'])
})
