/** Dates keep their precision and times their offset; the machine's zone has no say. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wordingOf } from '../../src/render/format.ts'
import { show, wording } from './reader.ts'

/** With plain spaces, for reading. */
const spaced = (text: string): string => text.replaceAll('\u00a0', ' ')

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec'.split(' ')

describe('a date or time', () => {
  it.each([
    ['2026', '2026'],
    ['2026-03', 'Mar 2026'],
    ['2026-03-01', '1 Mar 2026'],
    ['2026-03-01T10:00:00Z', '1 Mar 2026, 10:00 UTC'],
    ['2026-03-01T10:00:30+01:00', '1 Mar 2026, 10:00:30 +01:00'],
    ['2026-03-01T10:00:00.000-05:00', '1 Mar 2026, 10:00 -05:00'],
    ['2026-03-01T10:00:30.120Z', '1 Mar 2026, 10:00:30.120 UTC'],
    ['2026-03-01T10:00', '1 Mar 2026, 10:00'],
    ['1850-01-31', '31 Jan 1850'],
    ['yesterday', 'yesterday'],
    ['2026-13-01', '2026-13-01'],
    ['', ''],
  ])('%s is %s', (value, printed) => {
    expect(spaced(show(value, 'dateTime'))).toBe(printed)
    expect(spaced(show(value, 'instant'))).toBe(printed)
  })

  it('stands in the site’s zone too where it is in UTC, with the day where that is another', () => {
    const berlin = wordingOf({ ...wording, zone: 'Europe/Berlin' })
    expect(spaced(berlin.show('2026-03-01T10:00:00Z', 'dateTime'))).toBe('1 Mar 2026, 10:00 UTC (11:00 Europe/Berlin)')
    expect(spaced(berlin.show('2026-07-31T23:30:15Z', 'dateTime'))).toBe(
      '31 Jul 2026, 23:30:15 UTC (1 Aug 2026, 01:30:15 Europe/Berlin)',
    )
    expect(spaced(berlin.show('2026-03-01T10:00:00+05:30', 'dateTime'))).toBe('1 Mar 2026, 10:00 +05:30')
    expect(spaced(berlin.show('2026-03-01', 'date'))).toBe('1 Mar 2026')
  })

  it('stands in the zone that the document names beside it, where there is such a zone', () => {
    const dated = (zone: string): string => {
      const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/tz-code', valueCode: zone }]
      return spaced(show({ text: 'x', time: '2026-03-01T10:00:00Z', _time: { extension } }, 'Annotation'))
    }
    expect(dated('Asia/Tokyo')).toBe('x (1 Mar 2026, 10:00 UTC (19:00 Asia/Tokyo))')
    expect(dated('Mars/Base')).toBe('x (1 Mar 2026, 10:00 UTC)')
  })

  it('names the very day, month, year and offset that it has', () => {
    const date = fc.date({ min: new Date('1800-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(date, fc.constantFrom('Z', '+14:00', '-11:30'), (at, offset) => {
        const text = at.toISOString().slice(0, 19)
        const [year = '', month = '', day = ''] = text.slice(0, 10).split('-')
        const printed = spaced(show(text + offset, 'dateTime'))
        expect(printed).toContain(`${Number(day)} ${MONTHS[Number(month) - 1]} ${year}, ${text.slice(11, 16)}`)
        expect(printed.endsWith(offset === 'Z' ? 'UTC' : offset)).toBe(true)
      }),
    )
  })

  it('never fails', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('date', 'dateTime', 'instant', 'time'), (value, type) => {
        expect(show(value, type)).toBeTypeOf('string')
      }),
    )
  })
})

describe('a Period', () => {
  it.each([
    [{ start: '2026-03-01', end: '2026-03-04' }, '1 Mar 2026 – 4 Mar 2026'],
    [{ start: '2026-03-01' }, 'since 1 Mar 2026'],
    [{ end: '2026' }, 'until 2026'],
    [{ start: '2026-03-01', end: '2026-03-01' }, '1 Mar 2026'],
    [{}, ''],
  ])('%j is %s', (value, printed) => {
    expect(spaced(show(value, 'Period'))).toBe(printed)
  })
})
