/** Every example of the International Patient Summary keeps the profiles that it names. */

import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { check, compileChecks } from '../../../src/check/check.ts'
import { errata } from '../../../src/check/profile/errata.ts'
import { checkResource } from '../../../src/check/resource.ts'
import { parseJson } from '../../../src/fhir/json.ts'
import { isBundle, type Resource } from '../../../src/fhir/types.ts'
import { published } from './profiling.ts'

const checks = compileChecks(published)
const examples = globSync(new URL('../../../node_modules/hl7.fhir.uv.ips/example/*.json', import.meta.url).pathname)
const IPS = 'http://hl7.org/fhir/uv/ips/StructureDefinition/'

test.each(examples.toSorted().map((path) => [basename(path), path]))('%s', (_, path) => {
  const example = parseJson(readFileSync(path)) as Resource
  const issues = isBundle(example) ? check(example, checks) : checkResource(example, checks)
  const faults = issues.filter(({ profile, severity }) => profile !== undefined && severity === 'error')
  expect(faults).toEqual([])
})

test('a summary that breaks the guide is told by the rules of the guide', () => {
  const path = examples.find((one) => one.endsWith('Bundle-bundle-minimal.json')) ?? ''
  const text = readFileSync(path, 'utf8')
  const broken = (change: (bundle: Broken) => void): readonly string[] => {
    const bundle = JSON.parse(text) as Broken
    change(bundle)
    const issues = check(bundle as never, checks, { profiles: [`${IPS}Composition-uv-ips`] })
    return issues.flatMap(({ rule = '', profile = '' }) => (profile === '' ? [] : [rule]))
  }
  expect(broken((bundle) => bundle.entry.push(bundle.entry[0]))).toContain('bdl-ips-1')
  expect(broken(({ entry: [first] }) => delete first.resource.section[0]?.['entry'])).toContain('ips-comp-1')
  expect(broken(({ entry: [first] }) => first.resource.section.pop())).toContain('profile-min')
})

interface Broken {
  readonly entry: [{ readonly resource: { readonly section: Record<string, unknown>[] } }, ...never[]] &
    { resource: object }[]
}

test('each correction corrects a constraint that is published', () => {
  const texts = new Set(
    ['vitalsigns', 'bp', 'bodyweight'].flatMap((name) =>
      (published.library.structure(name)?.elements ?? []).flatMap(({ constraint = [] }) =>
        constraint.map(({ key, expression }) => `${key} ${expression}`),
      ),
    ),
  )
  for (const { id, published: text } of errata) expect(texts).toContain(`${id} ${text}`)
})
