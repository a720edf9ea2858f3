/** check finds every issue at once and changes nothing; pass lets through what does not block. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { check, compileChecks, pass } from '../../src/check/check.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { FhirError } from '../../src/fhir/error.ts'
import { parseJson, stringify } from '../../src/fhir/json.ts'
import type { Bundle, Json } from '../../src/fhir/types.ts'
import { base, patched } from './fixtures.ts'

const checks = compileChecks(await loadDefinitions())

function bundleWith(...operations: Parameters<typeof patched>[1]): Bundle {
  return patched(base, operations) as unknown as Bundle
}

const broken = bundleWith(
  { op: 'remove', path: '/timestamp' },
  { op: 'remove', path: '/entry/0/resource/status' },
  { op: 'replace', path: '/entry/0/resource/custodian', value: { reference: 'Organization/9' } },
  { op: 'add', path: '/entry/5/resource/severityScore', value: 3 },
)

describe('check', () => {
  it('finds every issue at once, each with its place, rule and source', () => {
    const issues = check(broken, checks)
    expect(issues.map(({ rule, expression }) => [rule, expression])).toEqual([
      ['orphan', 'Bundle.entry[3]'],
      ['composition-reference', 'Bundle.entry[0].resource.custodian'],
      ['bdl-10', 'Bundle'],
      ['missing-element', 'Bundle.entry[0].resource'],
      ['unknown-element', 'Bundle.entry[5].resource.severityScore'],
    ])
    expect(issues.filter(({ source }) => source?.startsWith('https://') !== true)).toEqual([])
  })

  it('leaves the Bundle as it was, decimals with their own text', () => {
    const text = stringify(base).replace('"value":12.5', '"value":12.50')
    const bundle = freeze(parseJson(text)) as unknown as Bundle
    expect(check(bundle, checks)).toEqual([])
    expect(stringify(bundle)).toBe(text)
    expect(text).toContain('12.50')
  })

  it('takes the severity of a rule from the policy, or turns the rule off', () => {
    const raised = check(broken, checks, { policy: { 'bdl-10': 'warning', orphan: 'off', 'unknown-element': 'fatal' } })
    expect(raised.map(({ rule, severity }) => [rule, severity])).toEqual([
      ['composition-reference', 'error'],
      ['bdl-10', 'warning'],
      ['missing-element', 'error'],
      ['unknown-element', 'fatal'],
    ])
  })

  it('never throws, whatever JSON stands in a Bundle', () => {
    const places = fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(places, fc.jsonValue({ maxDepth: 2 }), (steps, value) => {
        const bundle = patched(base, []) as unknown as Bundle
        replaceAt(bundle, steps, value)
        expect(Array.isArray(check(bundle, checks))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('grows with the number of entries, not with its square', () => {
    const spent = (entries: number): number => {
      const bundle = longDocument(entries)
      check(bundle, checks)
      const before = process.cpuUsage()
      check(bundle, checks)
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    const [short, long] = [spent(250), spent(2000)]
    expect(long / short).toBeLessThan(8 * 4)
  })
})

describe('pass', () => {
  it('gives the Bundle where nothing blocks', () => {
    expect(pass(base, check(base, checks), 'any')).toBe(base)
  })

  it('throws all issues where one concerns the document as a whole', () => {
    const issues = check(broken, checks)
    expect(() => pass(broken, issues, 'document')).toThrow(FhirError)
    try {
      pass(broken, issues, 'document')
    } catch (error) {
      expect((error as FhirError).issues).toEqual(issues)
    }
  })

  it('lets a fault inside an included resource through, unless any error blocks', () => {
    const bundle = bundleWith({ op: 'add', path: '/entry/5/resource/severityScore', value: 3 })
    const issues = check(bundle, checks)
    expect(issues.map(({ rule }) => rule)).toEqual(['unknown-element'])
    expect(pass(bundle, issues, 'document')).toBe(bundle)
    expect(() => pass(bundle, issues, 'any')).toThrow(FhirError)
  })

  it.each([
    ['a fault of the Composition', { op: 'add', path: '/entry/0/resource/label', value: 'x' }],
    [
      'data of another patient',
      { op: 'replace', path: '/entry/5/resource/subject', value: { reference: 'Patient/2' } },
    ],
  ] as const)('%s blocks', (_, operation) => {
    const bundle = bundleWith(operation)
    expect(() => pass(bundle, check(bundle, checks), 'document')).toThrow(FhirError)
  })

  it('an error of the Composition that hides nothing from a reader does not block, unless any error does', () => {
    const bundle = bundleWith(
      {
        op: 'add',
        path: '/entry/0/resource/confidentiality',
        value: 'N',
      },
      {
        op: 'add',
        path: '/entry/0/resource/event',
        value: [
          { code: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActClass', code: 'none-such' }] }] },
        ],
      },
    )
    const issues = check(bundle, checks)
    expect(issues.map(({ rule }) => rule)).toEqual(['code-known'])
    expect(pass(bundle, issues, 'document')).toBe(bundle)
    expect(() => pass(bundle, issues, 'any')).toThrow(FhirError)
  })

  it('an error without a place blocks, a warning does not', () => {
    expect(() =>
      pass(base, [{ severity: 'error', code: 'incomplete', text: 'Organization/9 is missing' }], 'document'),
    ).toThrow(FhirError)
    expect(pass(base, [{ severity: 'warning', code: 'incomplete', text: 'Organization/9 is missing' }], 'any')).toBe(
      base,
    )
  })
})

function freeze(value: Json): Json {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) freeze(member as Json)
    Object.freeze(value)
  }
  return value
}

/** Replaces what is found by going down, at each step, to the member of that number. */
function replaceAt(value: object, [step = 0, ...rest]: readonly number[], replacement: Json): void {
  const names = Object.keys(value)
  const name = names[step % Math.max(1, names.length)]
  if (name === undefined) return
  const object = value as Record<string, Json>
  const member = object[name]
  if (rest.length > 0 && typeof member === 'object' && member !== null) replaceAt(member, rest, replacement)
  else object[name] = replacement
}

/** The base document with many more observations. */
function longDocument(entries: number): Bundle {
  const observation = base.entry?.[6]?.resource
  const added = Array.from({ length: entries }, (_, index) => ({
    fullUrl: `https://clinic.example/fhir/Observation/o${index}`,
    resource: { ...observation, id: `o${index}` },
  }))
  const references = added.map(({ fullUrl }) => ({ reference: fullUrl }))
  return bundleWith(...added.map((entry) => ({ op: 'add' as const, path: '/entry/-', value: entry })), {
    op: 'replace',
    path: '/entry/0/resource/section/0/entry',
    value: [{ reference: 'Condition/1' }, ...references],
  })
}
