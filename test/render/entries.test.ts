/** The narrative of each type of resource, and of sections as a clinician lays them out, as golden files. */

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/fhir/json.ts'
import type { Collected, Composition, Resource } from '../../src/fhir/types.ts'
import { tokenize } from '../../src/fhir/xhtml.ts'
import { narrate } from '../../src/render/narrate.ts'
import { harmless } from '../../src/render/narrative.ts'
import { design, documentOf } from './reader.ts'

const fixtures = new URL('../../fixtures/', import.meta.url)

function namesIn(folder: string): readonly string[] {
  const files = readdirSync(new URL(`${folder}/`, fixtures)).filter((name) => name.endsWith('.json'))
  return files.map((name) => name.slice(0, -'.json'.length)).sort()
}

/** The narrative of a section that lists resources. */
function divOf(resources: readonly Resource[]): string {
  const entry = resources.map(({ resourceType, id }) => ({ reference: `${resourceType}/${id}` }))
  const bundle = documentOf(
    { status: 'preliminary', section: [{ title: 'Section', entry }] },
    ...resources,
  ) as Collected
  const { bundle: narrated } = narrate(bundle, { ...design, zone: 'Europe/Berlin' })
  const [section] = (narrated.entry?.[0]?.resource as Composition).section ?? []
  return section?.text?.div ?? ''
}

function mustBeNarrative(div: string): void {
  expect(tokenize(div).faults).toEqual([])
  const { issues } = harmless(div, { prefix: 'x', headingLevel: 2, expression: 'x' })
  expect(issues).toEqual([])
}

describe('the narrative of', () => {
  it.each(namesIn('narrative'))('%s', async (type) => {
    const resource = parseJson(readFileSync(new URL(`narrative/${type}.json`, fixtures))) as Resource
    expect(resource.resourceType).toBe(type)
    const div = divOf([resource])
    mustBeNarrative(div)
    await expect(`${div}\n`).toMatchFileSnapshot(`../../fixtures/narrative/${type}.xhtml`)
  })

  it.each(namesIn('section'))('a section with %s', async (name) => {
    const resources = parseJson(
      readFileSync(new URL(`section/${name}.json`, fixtures)),
    ) as unknown as readonly Resource[]
    const div = divOf(resources)
    mustBeNarrative(div)
    await expect(`${div}\n`).toMatchFileSnapshot(`../../fixtures/section/${name}.xhtml`)
  })
})
