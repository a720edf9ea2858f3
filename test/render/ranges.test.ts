/** A result is called out of its range only where value and range leave no doubt. */

import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/fhir/json.ts'
import type { JsonObject } from '../../src/fhir/types.ts'
import { isOutOfOrder, rangeFlags, sideOf } from '../../src/render/ranges.ts'
import { wording } from './reader.ts'

const range = '[{"low":{"value":3.5,"unit":"mmol/L"},"high":{"value":5.1,"unit":"mmol/L"}}]'

function result(value: string, referenceRange = range, more = ''): JsonObject {
  return parseJson(
    `{"valueQuantity":{"value":${value},"unit":"mmol/L"},"referenceRange":${referenceRange}${more}}`,
  ) as JsonObject
}

describe('sideOf', () => {
  it.each([
    ['5.2', 'above'],
    ['5.10', undefined],
    ['3.5', undefined],
    ['3.49', 'below'],
    ['-1', 'below'],
  ])('%s lies %s', (value, side) => {
    expect(sideOf(result(value))).toBe(side)
  })

  it.each([
    ['two ranges', result('9', `[${range.slice(1, -1)},${range.slice(1, -1)}]`)],
    [
      'a range of some people',
      result('9', range.replace('}]', '},"appliesTo":[{"text":"women"}]}]').replace('}},', '},')),
    ],
    ['a range with a text', result('9', range.replace('[{', '[{"text":"if fasting",'))],
    ['a range of another kind', result('9', range.replace('[{', '[{"type":{"coding":[{"code":"critical"}]},'))],
    ['another unit', result('9', range.replaceAll('mmol/L', 'mg/dL'))],
    ['no range', result('9', '[]')],
    [
      'a comparator',
      parseJson(
        `{"valueQuantity":{"value":9,"comparator":"<","unit":"mmol/L"},"referenceRange":${range}}`,
      ) as JsonObject,
    ],
    [
      'a value that is no number',
      parseJson(`{"valueQuantity":{"value":"9","unit":"mmol/L"},"referenceRange":${range}}`) as JsonObject,
    ],
  ])('%s is no comparison', (_, observation) => {
    expect(sideOf(observation)).toBeUndefined()
  })

  it('compares units by their codes where both have one', () => {
    const coded = (code: string): string => `{"value":9,"unit":"x","code":"${code}"}`
    const of = (code: string): JsonObject =>
      parseJson(
        `{"valueQuantity":${coded('mmol/L')},"referenceRange":[{"high":${coded(code).replace('9', '5')}}]}`,
      ) as JsonObject
    expect(sideOf(of('mmol/L'))).toBe('above')
    expect(sideOf(of('mg/dL'))).toBeUndefined()
  })
})

describe('rangeFlags', () => {
  it('say it in words', () => {
    expect(rangeFlags(result('9'), wording)).toEqual(['above the reference range'])
    expect(rangeFlags(result('1'), wording)).toEqual(['below the reference range'])
    expect(rangeFlags(result('4'), wording)).toEqual([])
  })

  it('say nothing where the interpretation does', () => {
    expect(rangeFlags(result('9', range, ',"interpretation":[{"coding":[{"code":"H"}]}]'), wording)).toEqual([])
    expect(rangeFlags(result('9', range, ',"interpretation":[{"coding":[{"code":"N"}]}]'), wording)).toHaveLength(1)
  })
})

describe('isOutOfOrder', () => {
  it.each([
    ['H', true],
    ['N', false],
    ['NEG', false],
    ['POS', true],
    ['A', true],
  ])('%s: %s', (code, expected) => {
    expect(isOutOfOrder([{ coding: [{ code }] }])).toBe(expected)
  })

  it('says nothing of words alone', () => {
    expect(isOutOfOrder([{ text: 'high' }])).toBe(false)
  })
})
