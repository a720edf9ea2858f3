/** Snapshots that we generate from differentials say what the published snapshots of the same profiles say. */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { baseConstraints, compactStructure } from '../../src/fhir/compact.ts'
import { FhirError } from '../../src/fhir/error.ts'
import type { ElementDefinition } from '../../src/fhir/library.ts'
import { snapshot } from '../../src/fhir/snapshot.ts'
import { isObject, type Json, type Resource } from '../../src/fhir/types.ts'
import { corpusDir, counts } from './corpus.ts'

const FACTS = ['min', 'max', 'type', 'fixed', 'pattern', 'binding', 'slicing', 'maxLength', 'isModifier'] as const

/** A fact as text: publishers pin versions, and older ones call Resource.id a string. */
function told(value: unknown): string {
  return JSON.stringify(sorted(value as Json), (_, one: unknown) =>
    typeof one === 'string' ? one.replace(/^(https?:[^|]*)\|.*$/, '$1').replace(/^id$/, 'string') : one,
  )
}

function sorted(value: Json | undefined): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sorted)
  if (!isObject(value)) return value ?? null
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((name) => [name, sorted(value[name])]),
  )
}

function differences(published: readonly ElementDefinition[], made: readonly ElementDefinition[]): readonly string[] {
  const byId = new Map(made.map((element) => [element.id, element]))
  return published.flatMap((element) => {
    const own = byId.get(element.id)
    if (own === undefined) return ['absent']
    const fact = FACTS.find((name) => told(element[name]) !== told(own[name]))
    return fact === undefined ? [] : [fact]
  })
}

describe.skipIf(corpusDir === undefined)('the profiles of the corpus', () => {
  it('have the snapshots that their publishers made', async () => {
    const folder = join(corpusDir ?? '', 'definitions')
    const { library, model, invariants } = await loadDefinitions({ profiles: [folder] })
    const base = baseConstraints(model, invariants)
    const [lines, reasons]: [string[], string[]] = [[], []]
    let [all, different] = [0, 0]
    for (const path of globSync('*/StructureDefinition.ndjson.gz', { cwd: folder }).toSorted()) {
      if (path.includes('r5.core')) continue
      let [own, ownDifferent, refused] = [0, 0, 0]
      const text = gunzipSync(readFileSync(join(folder, path))).toString()
      for (const line of text.split('\n').filter((one) => one !== '')) {
        const { snapshot: published, ...definition } = JSON.parse(line) as Resource
        if (definition['derivation'] !== 'constraint' || published === undefined) continue
        const { elements = [] } = compactStructure({ ...definition, snapshot: published }, base)
        const from = library.structure(typeof definition['url'] === 'string' ? definition['url'] : '')
        try {
          const made = snapshot(compactStructure(definition, base), (canonical) => library.structure(canonical, from))
          const found = differences(elements, made)
          own += elements.length
          ownDifferent += found.length
          reasons.push(...found)
        } catch (error) {
          if (!(error instanceof FhirError)) throw error
          refused += 1
        }
      }
      all += own
      different += ownDifferent
      lines.push(
        `${path.split('/')[0]}: ${own - ownDifferent} of ${own} elements, ${refused} profiles without their base`,
      )
    }
    console.log(`snapshots: ${((100 * (all - different)) / all).toFixed(1)} %\n${lines.join('\n')}\n${counts(reasons)}`)
    expect((all - different) / all).toBeGreaterThan(0.975)
  })
})
