/** Results are grouped and set side by side, and none is lost or told twice by that. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Collected, Composition, JsonObject, Resource } from '../../src/fhir/types.ts'
import { narrate } from '../../src/render/narrate.ts'
import { page } from '../../src/render/page.ts'
import { design, documentOf, readable } from './reader.ts'

function observation(id: string, more: JsonObject = {}): Resource {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: `code-${id}` },
    subject: { reference: 'Patient/p' },
    ...more,
  }
}

function references(...ids: readonly string[]): readonly JsonObject[] {
  return ids.map((id) => ({ reference: `Observation/${id}` }))
}

function shown(entry: readonly JsonObject[], ...resources: readonly Resource[]): string {
  return page(documentOf({ section: [{ title: 'S', entry }] }, ...resources), design).xhtml
}

describe('a panel', () => {
  it('has its members below it, which stand nowhere else', () => {
    const xhtml = shown(
      references('a', 'panel', 'b'),
      observation('panel', { hasMember: references('a', 'b') }),
      observation('a'),
      observation('b'),
    )
    expect(xhtml).toContain('>Results of code-panel<')
    expect(readable(xhtml).split('code-a')).toHaveLength(2)
    expect(readable(xhtml)).toMatch(/code-panel .*code-a .*code-b/)
  })

  it('has members that the section does not list, and says which are not there', () => {
    const text = readable(
      shown(references('panel'), observation('panel', { hasMember: references('a', 'gone') }), observation('a')),
    )
    expect(text).toContain('code-a')
    expect(text).toContain('Not in this document: Observation/gone')
  })

  it('that bears an unknown modifier leaves its members to themselves', () => {
    const modifierExtension = [{ url: 'https://other.example/x' }]
    const panel = observation('panel', { hasMember: references('a'), modifierExtension })
    const text = readable(shown(references('panel', 'a'), panel, observation('a')))
    expect(text).toContain('code-a')
    expect(text).toContain('Observation is not shown')
  })

  it('in a panel, and panels that name each other, are all told', () => {
    const loop = [
      observation('x', { hasMember: references('y') }),
      observation('y', { hasMember: references('x', 'z') }),
      observation('z'),
    ]
    const text = readable(shown(references('x', 'y', 'z'), ...loop))
    for (const id of ['x', 'y', 'z']) expect(text).toContain(`code-${id}`)
  })

  it('never loses an entry, however panels name each other', () => {
    const ids = ['a', 'b', 'c', 'd', 'e']
    const members = fc.tuple(...ids.map(() => fc.subarray(ids)))
    fc.assert(
      fc.property(members, fc.subarray(ids, { minLength: 1 }), (lists, listed) => {
        const resources = ids.map((id, index) => observation(id, { hasMember: references(...(lists[index] ?? [])) }))
        const text = readable(shown(references(...listed), ...resources))
        for (const id of listed) expect(text).toContain(`code-${id}`)
      }),
      { numRuns: 60 },
    )
  })

  const many = Array.from({ length: 3_000 }, (_, at) => at)
  const id = (at: number): string => `n${at}`
  const SHAPES: readonly (readonly [string, readonly Resource[]])[] = [
    ['in a chain', many.map((at) => observation(id(at), at < 2_999 ? { hasMember: references(id(at + 1)) } : {}))],
    ['in a circle', many.map((at) => observation(id(at), { hasMember: references(id((at + 1) % 3_000)) }))],
    ['each in two of forty levels', many.slice(0, 80).map((at) => {
      const below = at - (at % 2) + 2
      return observation(id(at), below < 80 ? { hasMember: references(id(below), id(below + 1)) } : {})
    })],
  ] // prettier-ignore

  it.each(SHAPES)('%s is told in time that grows with their number alone', { timeout: 30_000 }, (_, resources) => {
    const start = performance.now()
    const text = readable(shown(references(...resources.map((one) => String(one['id']))), ...resources))
    expect(performance.now() - start).toBeLessThan(15_000)
    for (const { id } of resources) expect(text).toContain(`code-${String(id)}`)
  })
})

describe('one code at several times', () => {
  const at = (id: string, effectiveDateTime: string, more: JsonObject = {}): Resource =>
    observation(id, { code: { text: 'Potassium' }, effectiveDateTime, valueString: `value-${id}`, ...more })

  it('stands side by side, the earliest first, each with its time', () => {
    const text = readable(shown(references('b', 'a'), at('b', '2026-02-01'), at('a', '2026-01-01')))
    expect(text).toMatch(/Results over time Observation 1 Jan 2026 1 Feb 2026 Status Potassium value-a value-b final/)
  })

  it('and another in as many, is told in time that grows with their number alone', { timeout: 30_000 }, () => {
    const days = Array.from({ length: 4_000 }, (_, day) => new Date(Date.UTC(2000, 0, 1 + day)).toISOString())
    const all = days.map((day, index) => at(`d${index}`, day.slice(0, 10)))
    const start = performance.now()
    const text = readable(shown(references(...all.map((one) => String(one['id']))), ...all))
    expect(performance.now() - start).toBeLessThan(15_000)
    expect(text).toContain('value-d3999')
  })

  it('tells what differs in each of them', () => {
    const text = readable(
      shown(
        references('a', 'b'),
        at('a', '2026-01-01', { note: [{ text: 'haemolysed' }] }),
        at('b', '2026-02-01', { status: 'preliminary' }),
      ),
    )
    expect(text).toMatch(/value-a final value-b preliminary/)
    expect(text).toContain('1 Jan 2026: ( Note: haemolysed)')
  })

  it('at one time twice stays in a list', () => {
    expect(shown(references('a', 'b'), at('a', '2026-01-01'), at('b', '2026-01-01'))).not.toContain('Results over time')
  })

  it('in two units is two rows, and about somebody else is none', () => {
    const quantity = (unit: string): JsonObject => ({ valueString: undefined, valueQuantity: { value: 1, unit } })
    expect(
      shown(references('a', 'b'), at('a', '2026-01-01', quantity('mg')), at('b', '2026-02-01', quantity('g'))),
    ).not.toContain('Results over time')
    const other = at('b', '2026-02-01', { subject: { reference: 'Group/g' } })
    expect(shown(references('a', 'b'), at('a', '2026-01-01'), other)).not.toContain('Results over time')
  })

  it('at more times than fit a page loses none', () => {
    const many = Array.from({ length: 11 }, (_, index) => at(`n${index}`, `2026-01-${String(index + 10)}`))
    const text = readable(shown(references(...many.map(({ id = '' }) => id)), ...many))
    for (const { id = '' } of many) expect(text.split(`value-${id} `)).toHaveLength(2)
  })
})

describe('links from narrative to data', () => {
  it('are one for each entry, of ids that are there', () => {
    const entry = references('a', 'b', 'panel')
    const resources = [observation('a'), observation('b'), observation('panel', { hasMember: references('b') })]
    const { bundle } = narrate(
      documentOf(
        {
          status: 'preliminary',
          section: [
            { title: 'S', entry },
            { title: 'T', entry },
          ],
        },
        ...resources,
      ) as Collected,
      design,
    )
    const sections = (bundle.entry?.[0]?.resource as Composition).section ?? []
    const links = sections.map(
      ({ text }) => (text?.['extension'] ?? []) as readonly { readonly extension: readonly JsonObject[] }[],
    )
    expect(links.map(({ length }) => length)).toEqual([3, 3])
    const ids = sections.flatMap(({ text }) => [...(text?.div ?? '').matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    expect(new Set(ids).size).toBe(6)
    expect(links.flat().map(({ extension }) => extension[0]?.['valueString'])).toEqual(ids.toSorted())
    expect(links[0]?.map(({ extension }) => extension[1]?.['valueUri']).toSorted()).toEqual(
      resources.map(({ id }) => `https://h.example/fhir/Observation/${id}`),
    )
  })

  it('take no id that a narrative of the Composition has', () => {
    const text = {
      status: 'additional',
      div: '<div xmlns="http://www.w3.org/1999/xhtml"><p id="section-1-1">mine</p></div>',
    }
    const given = documentOf(
      {
        status: 'preliminary',
        section: [
          { title: 'S', text },
          { title: 'T', entry: references('a') },
        ],
      },
      observation('a'),
    )
    const { bundle } = narrate(given as Collected, design)
    expect((bundle.entry?.[0]?.resource as Composition).section?.[1]?.text?.div).toContain('id="section-2-1"')
  })
})
