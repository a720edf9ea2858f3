/** What the schemas find is said in words. */

import { expect, it } from 'vitest'
import { check, compileChecks } from '../../src/check/check.ts'
import { structureRules } from '../../src/check/structure.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import type { Bundle } from '../../src/fhir/types.ts'
import { base, patched } from './fixtures.ts'

const checks = compileChecks(await loadDefinitions())
const ids = new Set(structureRules.map(({ id }) => id))

it.each([
  [
    'add',
    '/entry/5/resource/foo',
    1,
    'Bundle.entry[5].resource.foo',
    'The element foo is not known, expected one of those that Condition defines',
  ],
  ['remove', '/entry/0/resource/date', null, 'Bundle.entry[0].resource', 'The element date is missing, expected one'],
  [
    'remove',
    '/entry/0/resource/author',
    null,
    'Bundle.entry[0].resource',
    'The element author is missing, expected at least one',
  ],
  [
    'remove',
    '/entry/7/resource/medicationCodeableConcept',
    null,
    'Bundle.entry[7].resource',
    'The element medication[x] is missing, expected one',
  ],
  [
    'add',
    '/entry/6/resource/valueString',
    'x',
    'Bundle.entry[6].resource.value',
    'There are valueQuantity and valueString, expected one of them',
  ],
  [
    'replace',
    '/entry/1/resource/name',
    { family: 'X' },
    'Bundle.entry[1].resource.name',
    'There is an object, expected a list, as the element repeats',
  ],
  [
    'replace',
    '/entry/5/resource/code',
    'X',
    'Bundle.entry[5].resource.code',
    'There is the text "X", expected an object, as CodeableConcept is none of the primitives',
  ],
  [
    'add',
    '/entry/5/resource/recordedDate',
    { text: 'today' },
    'Bundle.entry[5].resource.recordedDate',
    'There is an object, expected a date (YYYY, YYYY-MM, YYYY-MM-DD), or a date and time with seconds and offset (2026-03-01T10:00:00Z)',
  ],
  [
    'add',
    '/entry/5/resource/note',
    [],
    'Bundle.entry[5].resource.note',
    'The list is empty, expected at least one item, or no list',
  ],
  [
    'replace',
    '/entry/1/resource/birthDate',
    '12.05.1961',
    'Bundle.entry[1].resource.birthDate',
    'There is the text "12.05.1961", expected a date: YYYY, YYYY-MM or YYYY-MM-DD',
  ],
  [
    'replace',
    '/entry/1/resource/active',
    'yes',
    'Bundle.entry[1].resource.active',
    'There is the text "yes", expected true or false, without quotes',
  ],
  [
    'replace',
    '/entry/6/resource/valueQuantity/value',
    '12.5',
    'Bundle.entry[6].resource.value.value',
    'There is the text "12.5", expected a number, without quotes',
  ],
  [
    'replace',
    '/entry/0/resource/status',
    'done',
    'Bundle.entry[0].resource.status',
    'There is the text "done", expected preliminary, final, amended, entered-in-error',
  ],
  [
    'add',
    '/entry/1/resource/_birthDate',
    { precision: 'day' },
    'Bundle.entry[1].resource.birthDate.precision',
    'The element precision is not known, expected one of those that Element defines',
  ],
  [
    'replace',
    '/entry/6/resource/contained/0/deviceName/0/type',
    'x',
    'Bundle.entry[6].resource.contained[0].deviceName[0].type',
    'There is the text "x", expected udi-label-name, user-friendly-name, patient-reported-name, manufacturer-name, model-name, other',
  ],
] as const)('%s %s', (...[op, path, value, expression, text]) => {
  const bundle = patched(base, [{ op, path, value: value }]) as unknown as Bundle
  const found = check(bundle, checks).filter(({ rule }) => rule !== undefined && ids.has(rule))
  expect(found.map((issue) => [issue.expression, issue.text])).toEqual([[expression, text]])
})

it('text with a no-break space is text', () => {
  const bundle = patched(base, [
    { op: 'replace', path: '/entry/3/resource/name', value: '\u00a0' },
  ]) as unknown as Bundle
  expect(check(bundle, checks)).toEqual([])
})

it('long text and long data are read in one pass', () => {
  const note = 'a '.repeat(500_000)
  const bundle = patched(base, [
    { op: 'replace', path: '/entry/9/resource/data', value: 'QUJD'.repeat(500_000) },
    { op: 'add', path: '/entry/5/resource/note', value: [{ text: `${note}\n` }] },
  ]) as unknown as Bundle
  expect(check(bundle, checks)).toEqual([])
})
