/** Dosage and Timing say in words all that they hold. */

import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/fhir/json.ts'
import { wordingOf } from '../../src/render/format.ts'
import { chooseLocale, phrasesOf } from '../../src/render/locale.ts'
import { design, show, wording } from './reader.ts'

function spaced(json: string, type: string): string {
  return show(parseJson(json), type).replaceAll('\u00a0', ' ')
}

describe('a Timing', () => {
  it.each([
    ['{"frequency":3,"period":1,"periodUnit":"d"}', '3 times per day'],
    ['{"frequency":1,"period":1,"periodUnit":"wk"}', 'once per week'],
    ['{"frequency":1,"period":8,"periodUnit":"h"}', 'every 8 hours'],
    ['{"frequency":1,"period":4,"periodMax":6,"periodUnit":"h"}', 'every 4 – 6 hours'],
    ['{"frequency":2,"frequencyMax":3,"period":1,"periodUnit":"d"}', '2 – 3 times per day'],
    ['{"frequency":2,"period":1.5,"periodUnit":"d"}', '2 times per 1.5 days'],
    ['{"frequency":1}', 'once'],
    ['{"frequency":4}', '4 times'],
    ['{"period":2,"periodUnit":"d"}', 'every 2 days'],
    ['{"dayOfWeek":["mon","thu"],"timeOfDay":["08:00:00","20:30:00"]}', 'on Monday, Thursday, at 08:00, 20:30'],
    ['{"when":["ACM"],"offset":30}', '30 minutes before breakfast'],
    ['{"when":["X9"]}', 'X9'],
    ['{"count":10,"duration":20,"durationUnit":"min"}', 'each lasting 20 minutes, 10 times in all'],
    [
      '{"boundsDuration":{"value":7,"unit":"days"},"frequency":1,"period":1,"periodUnit":"d"}',
      'once per day, for 7 days',
    ],
    ['{"boundsPeriod":{"start":"2026-03-01"}}', 'since 1 Mar 2026'],
    ['{"boundsRange":{"low":{"value":7,"unit":"d"},"high":{"value":9,"unit":"d"}}}', 'for 7 – 9 d'],
    ['{"boundsRange":{"low":{"value":7,"unit":"d"}}}', 'for at least 7 d'],
    ['{"boundsRange":{"high":{"value":7,"unit":"d"}}}', 'for at most 7 d'],
    ['{"frequencyMax":4,"period":1,"periodUnit":"d"}', 'up to 4 times per day'],
    ['{"frequencyMax":1,"period":8,"periodUnit":"h"}', 'up to once per 8 hours'],
    ['{"frequencyMax":2}', 'up to 2 times'],
    ['{"countMax":5}', 'up to 5 times in all'],
    ['{"durationMax":2,"durationUnit":"h"}', 'each lasting up to 2 hours'],
    ['{"frequency":1,"period":1,"periodUnit":"d","rhythm":"swing"}', 'once per day, Rhythm: swing'],
  ])('that repeats %s is %s', (repeat, printed) => {
    expect(spaced(`{"repeat":${repeat}}`, 'Timing')).toBe(printed)
  })

  it('has its code and its events', () => {
    expect(spaced('{"code":{"text":"BID"},"event":["2026-03-01"]}', 'Timing')).toBe('BID, 1 Mar 2026')
  })
})

describe('a Dosage', () => {
  it('says text, structure and instructions, doses without trailing zeros', () => {
    const dosage = `{"sequence":2,"text":"As agreed","additionalInstruction":[{"text":"with water"}],"patientInstruction":"Do not chew.",
      "timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}},"asNeededCodeableConcept":{"text":"pain"},"site":{"text":"left arm"},
      "route":{"text":"by mouth"},"method":{"text":"swallow"},
      "doseAndRate":[{"type":{"text":"ordered"},"doseQuantity":{"value":0.50,"unit":"mg"},"rateRatio":{"numerator":{"value":1.0,"unit":"mL"},"denominator":{"value":1,"unit":"h"}}}],
      "maxDosePerPeriod":{"numerator":{"value":4.0,"unit":"g"},"denominator":{"value":1,"unit":"d"}},
      "maxDosePerAdministration":{"value":1,"unit":"g"},"maxDosePerLifetime":{"value":9,"unit":"g"},"colour":"red"}`
    expect(spaced(dosage, 'Dosage').split('\n')).toEqual([
      'As agreed',
      'step 2, 0.5 mg, at 1 mL / 1 h (ordered), 2 times per day, as needed for pain, by mouth, swallow, left arm, at most 4 g / 1 d, at most 1 g at a time, at most 9 g in a lifetime',
      'with water',
      'Do not chew.',
      'Colour: red',
    ])
  })

  it.each([
    ['{"asNeededBoolean":true}', 'as needed'],
    ['{"asNeededBoolean":false}', 'not only as needed'],
    [
      '{"doseAndRate":[{"doseRange":{"low":{"value":1.0,"unit":"mg"},"high":{"value":2.0,"unit":"mg"}}},{"doseQuantity":{"value":3,"unit":"mg"}}]}',
      '1 – 2 mg; 3 mg',
    ],
  ])('%s is %s', (json, printed) => {
    expect(spaced(json, 'Dosage')).toBe(printed)
  })
})

describe('in languages that put the words for a bound elsewhere', () => {
  it.each([
    ['ja', '{"frequencyMax":4,"period":1,"periodUnit":"d"}', '日に4回以下'],
    ['ja', '{"durationMax":2,"durationUnit":"h"}', '1回あたりの時間：2 時間以下'],
    ['ko', '{"countMax":5}', '총 5회 이하'],
    ['de', '{"boundsRange":{"low":{"value":7,"unit":"d"}}}', 'für mindestens 7 d'],
    // a dual would say "every 2 two days"
    ['ar', '{"period":2,"periodUnit":"d"}', 'كل 2 أيام'],
    ['ar', '{"period":1,"periodMax":2,"periodUnit":"wk"}', 'كل 1 – 2 أسابيع'],
    ['he', '{"period":2,"periodUnit":"h"}', 'כל 2 שעות'],
    ['ar', '{"frequency":1,"period":1,"periodUnit":"d"}', 'مرة واحدة لكل يوم'],
  ])('such as %s, %s is %s', (language, repeat, printed) => {
    const locale = chooseLocale(design.templates.locales, language)
    const speaking = wordingOf({ ...wording, locale, phrase: phrasesOf(locale, wording.locale) })
    const told = speaking.show(parseJson(`{"repeat":${repeat}}`), 'Timing')
    expect(told.replaceAll('\u00a0', ' ').replaceAll(/[\u2068\u2069]/g, '')).toBe(printed)
  })
})
