/** The command makes the report of a stay out of a file, and says what it lacks. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Bundle, Composition } from '../../../src/fhir/types.ts'
import { course, record } from '../../collect/draft/heart-failure.ts'
import { running } from '../running.ts'

const folder = mkdtempSync(join(tmpdir(), 'discharge-'))
const at = (name: string): string => join(folder, name)
const entry = record.map((resource) => ({
  fullUrl: `https://example.org/fhir/${resource.resourceType}/${resource.id ?? ''}`,
  resource,
}))
writeFileSync(at('record.json'), JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry }))
writeFileSync(at('course.md'), course)
const source = ['--source', at('record.json')]

describe('discharge', () => {
  it('writes the report and where each resource of the record is in it, or why it is not', async () => {
    const files = ['--out', at('report.json'), '--receipt', at('receipt.json')]
    const { exit, err } = await running([
      'discharge',
      'Encounter/stay',
      ...source,
      '--course',
      at('course.md'),
      ...files,
    ])
    expect([exit, err.includes('course-missing')]).toEqual([0, false])
    const { entry: entries = [] } = JSON.parse(readFileSync(at('report.json'), 'utf8')) as Bundle
    expect((entries[0]?.resource as Composition).status).toBe('preliminary')
    const { record: rows } = JSON.parse(readFileSync(at('receipt.json'), 'utf8')) as { record: { source: string; section?: string; reason: string }[] } // prettier-ignore
    expect(rows).toHaveLength(record.length)
    const reasonOf = (name: string): string | undefined => rows.find((row) => row.source.endsWith(name))?.reason
    expect(reasonOf('Condition/mistake')).toContain('it was entered in error')
    expect(reasonOf('Observation/glucose-elsewhere')).toContain('it is of another encounter')
    expect(reasonOf('Observation/weight-1')).toContain('a later one of its kind is shown')
    expect(reasonOf('MedicationRequest/amoxicillin-old')).toContain('no date says')
  })

  it('says that the course is missing, and writes the report all the same', async () => {
    const { exit, out, err } = await running(['discharge', 'stay', ...source])
    expect([exit, (JSON.parse(out) as Bundle).type]).toEqual([0, 'document'])
    expect(err).toContain('The hospital course is missing')
  })

  it('speaks the language asked for in its titles', async () => {
    const { out } = await running([
      'discharge',
      'Encounter/stay',
      ...source,
      '--lang',
      'de',
      '--course',
      at('course.md'),
    ])
    const composition = (JSON.parse(out) as Bundle).entry?.[0]?.resource as Composition
    expect(composition).toMatchObject({ language: 'de', title: 'Krankenhaus-Entlassungsbericht' })
  })

  it.each([
    [['Encounter/none', ...source], 1, 'is in no source'],
    [['Encounter/stay'], 2, 'There is no source'],
    [['Encounter/stay', ...source, '--course', at('none.md')], 2, 'is not there'],
    [['Encounter/stay', ...source, '--profile', 'http://example.org/none'], 2, 'expected one of'],
    [['Encounter/stay', ...source, '--attester', 'Practitioner/lena'], 1, 'course is missing'],
  ])('%j is exit %i', async (args, expected, words) => {
    const { exit, err } = await running(['discharge', ...args])
    expect([exit, err]).toEqual([expected, expect.stringContaining(words)])
  })
})
