/** No false alarm: the examples that HL7 publishes show no error that its own validator does not show. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileChecks } from '../../src/check/check.ts'
import { checkResource } from '../../src/check/resource.ts'
import { loadDefinitions, type FhirVersion } from '../../src/edge/packages.ts'
import { isError } from '../../src/fhir/issue.ts'
import { parseJson } from '../../src/fhir/json.ts'
import { isResource } from '../../src/fhir/types.ts'
import { placeOf } from '../corpus/agreement.ts'
import { ask, judgesDir } from './judge.ts'

interface Verdict {
  readonly file: string
  readonly issues: readonly { readonly severity: string; readonly expression?: string }[]
}

interface Error {
  readonly rule: string
  readonly expression: string
}

/** What we find on purpose and the judge does not look for. */
const ON_PURPOSE = new Set([
  // a picture by data: in a style sheet; printing shows the narrative without what a style reaches out for
  'narrative-safe',
])

const modules = join(import.meta.dirname, '../../node_modules')
/** A folder of resources, by its version of FHIR. */
const PACKAGES: readonly (readonly [string, FhirVersion, readonly string[]])[] = [
  ['hl7.fhir.r4.core', '4.0.1', []],
  ['hl7.fhir.r4b.core', '4.3.0', []],
  ['hl7.fhir.uv.ips/example', '4.0.1', ['--ig', 'hl7.fhir.uv.ips#2.0.0']],
  ['hl7.fhir.uv.ips', '4.0.1', ['--ig', 'hl7.fhir.uv.ips#2.0.0']],
]
const MAX_BYTES = 3_000_000

/** By file, the errors that we find in the resources of a folder, and how many resources there are. */
async function ours(
  folder: string,
  fhirVersion: FhirVersion,
): Promise<readonly [Map<string, readonly Error[]>, number]> {
  const checks = compileChecks(await loadDefinitions({ fhirVersion }))
  const found = new Map<string, readonly Error[]>()
  let resources = 0
  for (const name of readdirSync(folder).filter((one) => /^[A-Z].*\.json$/.test(one))) {
    const file = join(folder, name)
    if (statSync(file).size > MAX_BYTES) continue
    const resource = parseJson(readFileSync(file))
    if (!isResource(resource)) continue
    resources += 1
    const errors = checkResource(resource, checks).filter(isError)
    const own = errors.map(({ rule = '', expression = '' }) => ({ rule, expression }))
    if (own.length > 0) found.set(file, own)
  }
  return [found, resources]
}

/** One place lies in another, whichever way. */
function touches(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  return short !== '' && (long === short || long.startsWith(`${short}.`) || long.startsWith(`${short}[`))
}

describe.skipIf(judgesDir === undefined)('the examples of HL7', { timeout: 3_600_000 }, () => {
  it.each(PACKAGES)('of %s show no error that its validator does not show', async (folder, fhirVersion, options) => {
    const [errors, resources] = await ours(join(modules, folder), fhirVersion)
    const verdicts =
      errors.size === 0 ? [] : ask<Verdict>('hl7', ['--fhir-version', fhirVersion, ...options, ...errors.keys()])
    console.log(`${folder}: ${resources} resources, ${errors.size} in which we find errors`)
    const alarms = verdicts.flatMap(({ file, issues }) => {
      const places = issues
        .filter(({ severity }) => severity === 'error' || severity === 'fatal')
        .map(({ expression }) => placeOf(expression))
      const own = (errors.get(file) ?? []).filter(({ rule }) => !ON_PURPOSE.has(rule))
      return own
        .filter(({ expression }) => !places.some((place) => touches(place, expression)))
        .map(({ rule, expression }) => `${file.slice(modules.length)} ${rule} ${expression}`)
    })
    expect(verdicts.length).toBe(errors.size)
    expect(alarms).toEqual([])
  })
})
