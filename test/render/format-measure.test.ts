/** Numbers and units reach the page as they were sent. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimal, decimalText, decimalValue } from '../../src/fhir/decimal.ts'
import { parseJson } from '../../src/fhir/json.ts'
import type { JsonObject } from '../../src/fhir/types.ts'
import { showDecimal, withoutTrailingZeros } from '../../src/render/format-measure.ts'
import { show, wording } from './reader.ts'

const UCUM = 'http://unitsofmeasure.org'

function quantity(json: string): string {
  return show(parseJson(json), 'Quantity')
}

describe('a decimal', () => {
  it.each([
    ['1.50', '1.50'],
    ['0.0125', '0.0125'],
    ['1000', '1000'],
    ['-0', '-0'],
    ['12345678901234567890.10', '12345678901234567890.10'],
    ['1.5e3', '1.5×10³'],
    ['2E-12', '2×10⁻¹²'],
  ])('%s is printed as %s', (text, printed) => {
    expect(showDecimal(decimal(text), wording)).toBe(printed)
  })

  it('has the decimal mark of the language and no grouping', () => {
    const german = { ...wording, locale: { ...wording.locale, decimalMark: ',' } }
    expect(showDecimal(decimal('1234567.50'), german)).toBe('1234567,50')
  })

  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹'
  const number = fc
    .tuple(fc.integer(), fc.option(fc.stringMatching(/^\d{1,20}$/)), fc.option(fc.integer({ min: -99, max: 99 })))
    .map(
      ([whole, fraction, exponent]) =>
        `${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`,
    )

  it('is, printed and read back, the same text of digits', () => {
    fc.assert(
      fc.property(number, fc.constantFrom('.', ',', '٫'), (text, decimalMark) => {
        const printed = showDecimal(decimal(text), { locale: { ...wording.locale, decimalMark } })
        const read = printed
          .replace(decimalMark, '.')
          .replace('×10', 'e')
          .replaceAll(/[⁰¹²³⁴-⁹]/g, (digit) => String(digits.indexOf(digit)))
          .replace('⁻', '-')
        expect(read).toBe(decimalText(decimal(text)).replace(/[eE]\+?/, 'e'))
      }),
    )
  })

  it('keeps its value as a dose, without trailing zeros', () => {
    expect(decimalText(withoutTrailingZeros(decimal('5.0')))).toBe('5')
    expect(decimalText(withoutTrailingZeros(decimal('0.50')))).toBe('0.5')
    expect(decimalText(withoutTrailingZeros(decimal('100')))).toBe('100')
    fc.assert(
      fc.property(number, (text) => {
        const kept = withoutTrailingZeros(decimal(text))
        expect(decimalValue(kept)).toBe(decimalValue(decimal(text)))
      }),
    )
  })
})

describe('a Quantity', () => {
  it.each([
    ['{"value":1.50,"unit":"mg"}', '1.50\u00a0mg'],
    ['{"value":14,"comparator":"<","unit":"ng/L"}', '<\u00a014\u00a0ng/L'],
    ['{"value":14,"comparator":">=","unit":"ng/L"}', '≥\u00a014\u00a0ng/L'],
    ['{"value":1,"comparator":"ad","unit":"g"}', 'ad\u00a01\u00a0g'],
    [`{"value":120,"unit":"mmHg","system":"${UCUM}","code":"mm[Hg]"}`, '120\u00a0mmHg'],
    [`{"value":10.7,"unit":"g/dL","system":"${UCUM}","code":"mg/dL"}`, '10.7\u00a0g/dL (mg/dL)'],
    [`{"value":5,"unit":"MG","system":"${UCUM}","code":"mg"}`, '5\u00a0MG (mg)'],
    [`{"value":5,"system":"${UCUM}","code":"ug"}`, '5\u00a0mcg'],
    [`{"value":5,"system":"${UCUM}","code":"{tablet}"}`, '5\u00a0tablet'],
    [`{"value":5,"system":"${UCUM}","code":"1"}`, '5'],
    ['{"value":2,"unit":"Tablet","system":"http://snomed.info/sct","code":"732936001"}', '2\u00a0Tablet'],
    ['{"value":2,"system":"http://snomed.info/sct","code":"732936001"}', '2\u00a0(sct 732936001)'],
    ['{"value":2,"system":"http://unit.example/own","code":"TAB"}', '2\u00a0TAB'],
    ['{"value":5,"unit":"1","code":"1"}', '5'],
    [`{"value":5,"system":"${UCUM}","code":"10*9/L"}`, '5\u00a0×10⁹/L'],
    [`{"value":5,"unit":"10^9/L","system":"${UCUM}","code":"10*9/L"}`, '5\u00a010^9/L'],
    ['{"unit":"mg"}', 'mg'],
    ['{"value":"many","unit":"mg"}', 'many\u00a0mg'],
    ['{"value":1,"unit":"mg","purity":"high"}', '1\u00a0mg, Purity: high'],
  ])('%s is %s', (json, printed) => {
    expect(quantity(json)).toBe(printed)
  })

  it('says why a value is absent', () => {
    const extension = [
      { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'not-performed' },
    ]
    expect(show({ _value: { extension }, unit: 'mg' }, 'Quantity')).toBe('not performed\u00a0mg')
    expect(show({ extension }, 'Quantity')).toBe('not performed')
  })

  const parts = fc.record({
    value: fc.stringMatching(/^-?(0|[1-9]\d{0,8})(\.\d{1,6})?$/),
    comparator: fc.constantFrom('', '<', '<=', '>=', '>'),
    unit: fc.stringMatching(/^[A-Za-z%][A-Za-z0-9/%]{0,6}$/),
  })

  it('is, printed and read back, the same comparator, value and unit', () => {
    fc.assert(
      fc.property(parts, ({ value, comparator, unit }) => {
        const printed = show({ value: decimal(value), ...(comparator !== '' && { comparator }), unit }, 'Quantity')
        const [, sign = '', number, word] = /^(?:([<≤≥>])\u00a0)?([^\u00a0]+)\u00a0(.*)$/.exec(printed) ?? []
        expect([{ '≤': '<=', '≥': '>=' }[sign] ?? sign, number, word]).toEqual([comparator, value, unit])
      }),
    )
  })
})

describe('Range, Ratio, Money, SampledData', () => {
  const mg = (value: string): JsonObject => ({ value: decimal(value), unit: 'mg' })

  it.each([
    [{ low: mg('1.0'), high: mg('2.50') }, '1.0\u00a0–\u00a02.50\u00a0mg'],
    [{ low: mg('1.0'), high: { value: 2, unit: 'g' } }, '1.0\u00a0mg\u00a0–\u00a02\u00a0g'],
    [{ low: mg('1') }, 'from 1\u00a0mg'],
    [{ high: mg('1') }, 'up to 1\u00a0mg'],
    [{}, ''],
  ])('a Range %j is %s', (range, printed) => {
    expect(show(range, 'Range')).toBe(printed)
  })

  it('a range whose low bound has a comparator or another unit is never shortened into something else', () => {
    expect(show({ low: { value: 1, unit: 'g' }, high: { value: 2, unit: 'mg' } }, 'Range')).toBe(
      '1\u00a0g\u00a0–\u00a02\u00a0mg',
    )
  })

  it('the others keep all their parts', () => {
    expect(show({ numerator: mg('5'), denominator: { value: 1, unit: 'mL' } }, 'Ratio')).toBe('5\u00a0mg / 1\u00a0mL')
    expect(show({ value: decimal('12.50'), currency: 'EUR' }, 'Money')).toBe('12.50\u00a0EUR')
    const sampled = {
      origin: { value: 0, unit: 'mV' },
      period: 10,
      lowerLimit: decimal('-3.0'),
      dimensions: 1,
      data: '1 2 E U',
    }
    const printed = show(sampled, 'SampledData')
    for (const part of ['0\u00a0mV', '10', '-3.0', '1 2 E U']) expect(printed).toContain(part)
  })
})
