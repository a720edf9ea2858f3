import { describe, expect, it } from 'vitest'
import { compileGuide } from '../../../src/collect/draft/compiled.ts'
import { guideFrom } from '../../../src/collect/draft/guide-rows.ts'
import { loadDefinitions } from '../../../src/edge/packages.ts'
import { FhirError } from '../../../src/fhir/error.ts'
import type { Json, JsonObject } from '../../../src/fhir/types.ts'

const SECTION: JsonObject = {
  code: { system: 'http://loinc.org', code: '11450-4' },
  title: { en: 'Problems' },
  entries: [{ type: 'Condition' }],
}

const GUIDE: JsonObject = {
  name: 'own',
  package: 'example.own',
  version: '1.0.0',
  operation: 'summary',
  composition: 'https://records.example/StructureDefinition/own',
  title: { en: 'Own summary' },
  type: { system: 'http://loinc.org', code: '60591-5' },
  profiles: [],
  except: [],
  sections: [SECTION],
}

function faults(value: Json): readonly (string | undefined)[] {
  try {
    guideFrom(value, 'own.json')
    return []
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    return error.issues.map(({ expression }) => expression)
  }
}

describe('a guide of a deployment', () => {
  it('is one where it has what a guide has', () => {
    expect(guideFrom(GUIDE, 'own.json').sections).toHaveLength(1)
  })

  it('is refused with every place where it has not', () => {
    const { title: _title, ...untitled } = GUIDE
    expect(faults({ ...untitled, operation: 'other', colour: 'red' })).toEqual(['colour', 'operation', 'title'])
    expect(faults({ ...GUIDE, sections: [{ ...SECTION, window: { months: 'many' } }] })).toEqual([
      'sections[0].window.months',
    ])
    expect(faults({ ...GUIDE, sections: [SECTION, SECTION] })).toEqual(['sections[1].code'])
    expect(faults([])).toHaveLength(1)
  })

  it('names the file and what was expected', () => {
    expect(() => guideFrom({ ...GUIDE, title: { de: 'Kurzakte' } }, 'own.json')).toThrow(
      /texts by language with one for en, in own\.json/,
    )
  })

  it('is refused where an expression is no FHIRPath', async () => {
    const definitions = await loadDefinitions()
    const row = guideFrom(
      { ...GUIDE, sections: [{ ...SECTION, entries: [{ type: 'Condition', where: 'status = (' }] }] },
      'own.json',
    )
    expect(() => compileGuide(row, definitions)).toThrow(/sections\[0\]\.entries\[0\]\.where/)
  })
})
