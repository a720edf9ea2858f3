/** Provenance of what is in the document comes in, and nothing else does by its own reference. */

import { describe, expect, it } from 'vitest'
import { at, collecting, composition, entryOf, errors, names, patient, resource, said, to } from './composing.ts'

describe('Provenance', () => {
  const held = [
    patient,
    resource('Observation/o/3'),
    resource('Provenance/of-o', {
      target: [to('Observation/o'), to('Observation/elsewhere')],
      agent: [{ who: to('Practitioner/d') }],
    }),
    resource('Provenance/of-version', {
      target: [to('Observation/o/_history/3')],
      agent: [{ who: to('Practitioner/d') }],
    }),
    resource('Provenance/of-older', {
      target: [to('Observation/o/_history/2')],
      agent: [{ who: to('Practitioner/d') }],
    }),
    resource('Provenance/of-agent', { target: [to('Practitioner/d')], agent: [{ who: to('Organization/g') }] }),
    resource('Provenance/of-other', { target: [to('Observation/elsewhere')], agent: [{ who: to('Practitioner/d') }] }),
    resource('Observation/elsewhere'),
    resource('Practitioner/d'),
    resource('Organization/g'),
  ]

  it('of what is in the document comes in, with its agents, until there is no more; its other targets do not', async () => {
    const collection = await collecting(composition(['Observation/o']), held)
    expect(new Set(names(collection))).toEqual(
      new Set([
        'Composition/c',
        'Patient/1',
        'Observation/o',
        'Provenance/of-o',
        'Provenance/of-version',
        'Practitioner/d',
        'Provenance/of-agent',
        'Organization/g',
      ]),
    )
    expect(errors(collection)).toEqual([])
    const target = entryOf(collection, 'Observation/o').fullUrl
    expect(entryOf(collection, 'Provenance/of-o').resource?.['target']).toEqual([
      to(String(target)),
      to('Observation/elsewhere'),
    ])
  })

  it('comes in without its agents where secondary references are not followed', async () => {
    const collection = await collecting(composition(['Observation/o']), held, { secondary: 'direct' })
    expect(new Set(names(collection))).toEqual(
      new Set(['Composition/c', 'Patient/1', 'Observation/o', 'Provenance/of-o', 'Provenance/of-version']),
    )
  })

  it('of another resource of the same type and id stays out', async () => {
    const far = at('http://far/fhir', [resource('Provenance/far', { target: [to('Observation/o')] })])
    const collection = await collecting(composition(['Observation/o']), [patient, resource('Observation/o'), ...far])
    expect(names(collection)).not.toContain('Provenance/far')
  })

  it('of another version than the one in the document stays out', async () => {
    const versioned = at('http://h', [
      patient,
      resource('Observation/o/3'),
      resource('Provenance/p', { target: [to('Observation/o/_history/2')] }),
    ])
    const from = composition(['http://h/Observation/o'], { subject: to('http://h/Patient/1') })
    expect(names(await collecting(from, versioned))).toEqual(['Composition/c', 'Patient/1', 'Observation/o'])
  })

  it('that signs an entry which had to be changed is a warning', async () => {
    const observation = resource('Observation/o', { subject: to('Patient/1') })
    const signed = resource('Provenance/s', { target: [to('Observation/o')], signature: [{ type: [] }] })
    const collection = await collecting(composition(['Observation/o']), [patient, observation, signed])
    expect(said(collection)).toEqual(['warning signed-entry-changed Bundle.entry[3].resource.target[0]'])
  })
})
