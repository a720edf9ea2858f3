/** What a GraphDefinition brings into a document, and what it does not. */

import { describe, expect, it } from 'vitest'
import { compileGraph } from '../../src/collect/graph.ts'
import type { Collection } from '../../src/collect/collect.ts'
import type { Json, JsonObject, Resource } from '../../src/fhir/types.ts'
import { collecting, composition, decision, names, patient, resource, said, to } from './composing.ts'

function definition(link: readonly Json[]): Resource {
  return { resourceType: 'GraphDefinition', url: 'https://graphs.example/g', start: 'Composition', link }
}
function along(path: string, type: string, members: JsonObject = {}): JsonObject {
  return { path, target: [{ type, ...members }] }
}

const subject = to('Patient/1')
const report = resource('DiagnosticReport/r', {
  subject,
  result: [to('Observation/a')],
  basedOn: [to('ServiceRequest/s')],
})
const observation = resource('Observation/a', { subject, specimen: to('Specimen/x') })
const request = resource('ServiceRequest/s', { subject })
const specimen = resource('Specimen/x', { subject })
const held = [patient, report, observation, request, specimen]

function graphed(link: readonly Json[], more: readonly Resource[] = []): Promise<Collection> {
  return collecting(composition(['DiagnosticReport/r']), [...held, ...more], { graph: compileGraph(definition(link)) })
}

const DIRECT = ['Composition/c', 'Patient/1', 'DiagnosticReport/r']

describe('what the Composition refers to', () => {
  it('is in, whatever the graph says, and nothing else by an empty graph', async () => {
    expect(names(await graphed([]))).toEqual(DIRECT)
  })
})

describe('a path', () => {
  it('brings in what it leads to, and no other secondary references', async () => {
    const collection = await graphed([
      along('section.entry', 'DiagnosticReport', { link: [along('result', 'Observation')] }),
    ])
    expect(names(collection)).toEqual([...DIRECT, 'Observation/a'])
    expect(decision(collection, 'Bundle.entry[2].resource.basedOn[0]')).toBe('relative kept')
  })
  it('goes on from there, link by link', async () => {
    const next = along('result', 'Observation', { link: [along('specimen', 'Specimen')] })
    const collection = await graphed([along('section.entry', 'DiagnosticReport', { link: [next] })])
    expect(names(collection)).toEqual([...DIRECT, 'Observation/a', 'Specimen/x'])
  })
  it('leads to the types of its targets alone', async () => {
    const collection = await graphed([along('section.entry', 'DiagnosticReport', { link: [along('result', 'Media')] })])
    expect(names(collection)).toEqual(DIRECT)
  })
  it('that comes back to where it was ends', async () => {
    const member = resource('Observation/b', { subject, hasMember: [to('Observation/b'), to('Observation/a')] })
    const again = along('hasMember', 'Observation', { link: [along('hasMember', 'Observation')] })
    const collection = await collecting(composition(['Observation/b']), [patient, observation, member], {
      graph: compileGraph(definition([along('section.entry', 'Observation', { link: [again] })])),
    })
    expect(names(collection)).toEqual(['Composition/c', 'Patient/1', 'Observation/b', 'Observation/a'])
  })
  it('never leads into the compartment of another patient (H-1)', async () => {
    const strange = resource('Observation/a', { subject: to('Patient/2') })
    const collection = await collecting(
      composition(['DiagnosticReport/r']),
      [patient, resource('Patient/2'), report, strange],
      {
        graph: compileGraph(
          definition([along('section.entry', 'DiagnosticReport', { link: [along('result', 'Observation')] })]),
        ),
      },
    )
    expect(names(collection)).toEqual(DIRECT)
    expect(said(collection)).toEqual(['warning same-subject Bundle.entry[2].resource.result[0]'])
  })
})

describe('the number of targets', () => {
  const results = (bounds: JsonObject): readonly Json[] => [
    along('section.entry', 'DiagnosticReport', { link: [{ ...along('result', 'Observation'), ...bounds }] }),
  ]
  it('between its bounds is no issue', async () => {
    expect(said(await graphed(results({ min: 1, max: '1' })))).toEqual([])
  })
  it('below min is an error', async () => {
    expect(said(await graphed(results({ min: 2 })))).toEqual(['error graph-min Bundle.entry[2].resource'])
  })
  it('above max is an error', async () => {
    expect(said(await graphed(results({ max: '0' })))).toEqual(['error graph-max Bundle.entry[2].resource'])
  })
  it('counts what is missing as absent', async () => {
    const collection = await collecting(composition(['DiagnosticReport/r']), [patient, report], {
      graph: compileGraph(definition(results({ min: 1 }))),
    })
    expect(said(collection)).toEqual([
      'warning missing-reference Bundle.entry[2].resource.result[0]',
      'error graph-min Bundle.entry[2].resource',
    ])
  })
})

describe('a search', () => {
  const ofPatient = {
    path: 'subject',
    target: [{ type: 'Patient', link: [{ target: [{ type: 'Observation', params: 'patient={ref}' }] }] }],
  }
  it('brings in what something in the document refers to', async () => {
    expect(names(await graphed([ofPatient]))).toEqual([...DIRECT, 'Observation/a'])
  })
  it('leaves out what nothing refers to, as a document of R4 may not have it, and the receipt says so', async () => {
    const loose = resource('Observation/loose', { subject })
    const collection = await graphed([ofPatient], [loose])
    expect(names(collection)).toEqual([...DIRECT, 'Observation/a'])
    expect(collection.receipt.resources.at(-1)).toEqual({
      source: 'Observation/loose of records',
      reason: 'the graph https://graphs.example/g finds it, but nothing in the document refers to it',
    })
  })
  it('other than by reference is an error where a source has no index', async () => {
    const coded = { target: [{ type: 'Observation', params: 'subject={ref}&code=1' }] }
    await expect(graphed([along('subject', 'Patient', { link: [coded] })])).rejects.toMatchObject({
      issues: [{ code: 'not-supported' }],
    })
  })
})

it('another document is not followed, whether by a path or by a search', async () => {
  const other = resource('Composition/other', { subject })
  const focused = resource('Observation/f', { subject, focus: [to('Composition/other')] })
  const sought = { target: [{ type: 'Composition', params: 'patient={ref}' }] }
  const links = [
    along('section.entry', 'Observation', { link: [along('focus', 'Composition')] }),
    along('subject', 'Patient', { link: [sought] }),
  ]
  for (const link of links) {
    const collection = await collecting(composition(['Observation/f']), [patient, focused, other], {
      graph: compileGraph(definition([link])),
    })
    expect(names(collection)).toEqual(['Composition/c', 'Patient/1', 'Observation/f'])
  }
})

describe('a compartment rule', () => {
  const rule = (members: JsonObject): readonly Json[] => [
    along('section.entry', 'DiagnosticReport', {
      link: [along('result', 'Observation', { compartment: [{ code: 'Patient', ...members }] })],
    }),
  ]
  it.each(['identical', 'matching'])('%s holds for the same patient', async (name) => {
    const collection = await graphed(rule({ use: 'requirement', rule: name }))
    expect([names(collection).length, said(collection)]).toEqual([4, []])
  })
  it('that is required and broken is an error', async () => {
    const collection = await graphed(rule({ use: 'requirement', rule: 'different' }))
    expect([names(collection), said(collection)]).toEqual([
      DIRECT,
      ['error graph-compartment Bundle.entry[2].resource'],
    ])
  })
  it('that is a condition and not met leaves the target out', async () => {
    const collection = await graphed(rule({ use: 'condition', rule: 'different' }))
    expect([names(collection), said(collection)]).toEqual([DIRECT, []])
  })
})

describe('a definition', () => {
  it('whose targets have profiles is told that these are not checked', async () => {
    const collection = await graphed([along('subject', 'Patient', { profile: 'https://profiles.example/p' })])
    expect(said(collection)).toEqual(['warning graph-profile'])
  })
  it.each<[string, Resource, string, string]>([
    ['of another type', { resourceType: 'Patient' }, 'value', ''],
    ['that starts elsewhere', { ...definition([]), start: 'Patient' }, 'value', 'GraphDefinition.start'],
    ['with a path that is none', definition([along('a..b', 'Patient')]), 'value', 'GraphDefinition.link[0].path'],
    ['with a link to nothing', definition([{ path: 'subject' }]), 'structure', 'GraphDefinition.link[0]'],
    [
      'with a slice',
      definition([{ ...along('subject', 'Patient'), sliceName: 's' }]),
      'not-supported',
      'GraphDefinition.link[0].sliceName',
    ],
    [
      'with params without {ref}',
      definition([along('subject', 'Patient', { params: 'patient=1' })]),
      'value',
      'GraphDefinition.link[0].target[0].params',
    ],
    [
      'with a number that is none',
      definition([{ ...along('subject', 'Patient'), max: 'many' }]),
      'value',
      'GraphDefinition.link[0].max',
    ],
    [
      'with a compartment that is not known',
      definition([
        along('subject', 'Patient', { compartment: [{ use: 'condition', code: 'Device', rule: 'identical' }] }),
      ]),
      'not-supported',
      'GraphDefinition.link[0].target[0].compartment[0].code',
    ],
  ])('%s is refused with its place', (_, graph, code, expression) => {
    expect(() => compileGraph(graph)).toThrow(
      expect.objectContaining({
        issues: [expect.objectContaining({ code, ...(expression !== '' && { expression }) })],
      }) as Error,
    )
  })
})
