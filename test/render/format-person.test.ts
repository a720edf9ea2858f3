/** Names, addresses and contacts with all their parts. */

import { describe, expect, it } from 'vitest'
import { currentName, nameText } from '../../src/render/format-person.ts'
import { show } from './reader.ts'

describe('a HumanName', () => {
  it.each([
    [{ prefix: ['Dr.'], given: ['Clara', 'Maria'], family: 'Ahorn', suffix: ['MD'] }, 'Dr. Clara Maria Ahorn MD'],
    [{ text: '山田 花子', family: '山田', given: ['花子'] }, '山田 花子'],
    [{ family: 'Linde', use: 'maiden' }, 'Linde (name before marriage)'],
    [{ family: 'Linde', use: 'old', period: { end: '1990' } }, 'Linde (no longer used, Period: until 1990)'],
    [{ family: 'Linde', use: 'official' }, 'Linde (official)'],
    [{ use: 'nickname' }, 'nickname'],
    [{ family: 'Linde', nick: 'L.' }, 'Linde (Nick: L.)'],
  ])('%j is %s', (name, printed) => {
    expect(show(name, 'HumanName')).toBe(printed)
  })

  it.each([
    ['hu', {}, 'Dr. Nagy Éva'],
    ['vi-VN', {}, 'Dr. Nagy Éva'],
    ['en', {}, 'Dr. Éva Nagy'],
    ['hup', {}, 'Dr. Éva Nagy'],
    ['en', { valueCode: 'F' }, 'Dr. Nagy Éva'],
    ['hu', { valueCode: 'G' }, 'Dr. Éva Nagy'],
  ])('in %s has the order of that culture, unless it says another: %j is %s', (language, order, printed) => {
    const url = 'http://hl7.org/fhir/StructureDefinition/humanname-assembly-order'
    const name = {
      prefix: ['Dr.'],
      family: 'Nagy',
      given: ['Éva'],
      ...('valueCode' in order && { extension: [{ url, ...order }] }),
    }
    expect(nameText(name, language)).toBe(printed)
  })

  it('is the official one among several, and an old one last', () => {
    const names = [
      { use: 'old', family: 'A' },
      { family: 'B' },
      { use: 'usual', family: 'C' },
      { use: 'official', family: 'D' },
    ]
    expect(nameText(currentName(names) ?? {})).toBe('D')
    expect(nameText(currentName(names.slice(0, 2)) ?? {})).toBe('B')
    expect(currentName([])).toBeUndefined()
    const parts = [{ family: 'Linde' }, { given: ['Mia'] }, { text: 'Mia Linde' }]
    expect(nameText(currentName(parts) ?? {})).toBe('Mia Linde')
    expect(nameText(currentName([{ family: 'Linde', use: 'official' }, ...parts]) ?? {})).toBe('Linde')
  })
})

describe('an Address', () => {
  it.each([
    [
      {
        line: ['Birkenweg 7', 'II'],
        postalCode: '10115',
        city: 'Berlin',
        district: 'Mitte',
        state: 'BE',
        country: 'DE',
      },
      'Birkenweg 7, II, 10115 Berlin, Mitte, BE, DE',
    ],
    [{ text: 'Birkenweg 7\n10115 Berlin', city: 'Berlin', use: 'old' }, 'Birkenweg 7\n10115 Berlin (no longer used)'],
    [
      { city: 'Berlin', use: 'temp', type: 'postal', period: { start: '2026' } },
      'Berlin (temporary, postal, Period: since 2026)',
    ],
  ])('%j is %s', (address, printed) => {
    expect(show(address, 'Address')).toBe(printed)
  })
})

describe('a ContactPoint', () => {
  it.each([
    [{ system: 'phone', value: '+49 30 1', use: 'home', rank: 1 }, '+49 30 1 (phone, home)'],
    [{ system: 'url', value: 'https://a.example', use: 'old' }, 'https://a.example (web, no longer used)'],
    [
      {
        system: 'phone',
        _value: {
          extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }],
        },
      },
      'withheld (phone)',
    ],
  ])('%j is %s', (contact, printed) => {
    expect(show(contact, 'ContactPoint')).toBe(printed)
  })
})
