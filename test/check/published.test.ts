/** The published invariants become rules, corrected where they say other than they mean. */

import { describe, expect, it } from 'vitest'
import { errata } from '../../src/check/errata.ts'
import { corrected, publishedRules } from '../../src/check/published.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { compilePath } from '../../src/fhir/path.ts'

const definitions = await loadDefinitions()
const { invariants } = definitions
const others = await Promise.all((['4.3.0', '5.0.0'] as const).map((fhirVersion) => loadDefinitions({ fhirVersion })))
const all = [definitions, ...others].flatMap((one) => one.invariants)

describe('publishedRules', () => {
  it('gives a rule for every constraint of the definitions but those that the tokenizer of narrative answers', () => {
    const left = new Set(publishedRules(definitions).map(({ id }) => id))
    expect([...new Set(invariants.map(({ key }) => key))].filter((key) => !left.has(key))).toEqual(['txt-1', 'txt-2'])
    expect(left.size).toBeGreaterThan(200)
  })

  it('refuses a constraint without FHIRPath', () => {
    const [first] = invariants
    const { expression: _expression, ...without } = first ?? {
      key: '',
      severity: 'error',
      human: '',
      at: [],
      owner: 'Bundle',
    }
    expect(() => publishedRules({ ...definitions, invariants: [without] })).toThrow(TypeError)
  })

  it('every expression is FHIRPath, in each version of FHIR', () => {
    expect(all.filter((invariant) => typeof compilePath(corrected(invariant)) !== 'function')).toEqual([])
  })
})

describe('errata', () => {
  it.each(errata)('$id still corrects a text that is published', ({ id, published }) => {
    expect(all.filter(({ key, expression }) => key.endsWith(id) && expression === published)).not.toEqual([])
  })

  it('apply to no other text', () => {
    const other = {
      key: 'bdl-8',
      severity: 'error',
      human: '',
      expression: 'fullUrl.exists()',
      at: ['Bundle.entry'],
      owner: 'Bundle',
    } as const
    expect(corrected(other)).toBe('fullUrl.exists()')
  })

  it.each([
    [
      'mdd-1',
      'MedicationDispense',
      { resourceType: 'MedicationDispense', whenPrepared: '2026-02-25', whenHandedOver: '2026-02-25T10:00:00Z' },
      true,
    ],
    [
      'mdd-1',
      'MedicationDispense',
      { resourceType: 'MedicationDispense', whenPrepared: '2026-02-26', whenHandedOver: '2026-02-24T10:00:00Z' },
      false,
    ],
    ['ras-2', 'RiskAssessment.prediction', { outcome: { text: 'fall' } }, true],
    ['ras-2', 'RiskAssessment.prediction', { probabilityDecimal: 101 }, false],
    ['que-7', 'Questionnaire.item.enableWhen', { operator: 'exists', answerBoolean: true }, true],
    ['que-7', 'Questionnaire.item.enableWhen', { operator: 'exists', answerString: 'x' }, false],
    ['eld-20', 'ElementDefinition', { path: 'Patient.name' }, true],
    ['eld-20', 'ElementDefinition', { path: '1.x' }, false],
    ['eld-16', 'ElementDefinition', { sliceName: 'a/b@c' }, true],
    ['eld-16', 'ElementDefinition', { sliceName: 'a b' }, false],
    ['eld-19', 'ElementDefinition', { path: 'Patient.name' }, true],
    ['eld-19', 'ElementDefinition', { path: 'Patient name' }, false],
    ['lib-0', 'Library', { resourceType: 'Library' }, true],
    ['lib-0', 'Library', { resourceType: 'Library', name: 'lower' }, false],
  ] as const)('%s of %s: %o is kept: %s', (id, base, focus, kept) => {
    const invariant = invariants.find(({ key }) => key === id)
    if (invariant === undefined) throw new TypeError(`No invariant ${id}`)
    const path = compilePath(corrected(invariant), 'resourceType' in focus ? undefined : base)
    expect(path({ ...focus })).toEqual([kept])
  })
})
