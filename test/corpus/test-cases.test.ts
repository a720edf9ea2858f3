/** Our verdict on the test cases of HL7's own validator is the published one, where a case can be compared at all. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compileChecks, type Checks, type Policy } from '../../src/check/check.ts'
import { loadDefinitions, type FhirVersion } from '../../src/edge/packages.ts'
import { FhirError } from '../../src/fhir/error.ts'
import { isError, type Issue } from '../../src/fhir/issue.ts'
import { parseJson } from '../../src/fhir/json.ts'
import { isBundle, isResource } from '../../src/fhir/types.ts'
import { parseXml } from '../../src/fhir/xml.ts'
import { inspect, inspectResource, type Design } from '../../src/pipeline.ts'
import { openDesign, stillEdge } from '../design.ts'
import { corpusDir } from './corpus.ts'

interface Case {
  readonly name: string
  readonly file: string
  /** `4.0`, `5.0.0` … */
  readonly version: string
  readonly expectedErrors?: number
  /** What a case needs and neither the judge nor we are given. */
  readonly needs: readonly string[]
  /** Whether the judge says here what was published. */
  readonly sameVerdict?: boolean
  readonly issues?: readonly { readonly severity: string; readonly expression?: string; readonly text: string }[]
}

const judgesDir = process.env['JUDGES_DIR']

function comparable(): readonly Case[] {
  if (judgesDir === undefined || corpusDir === undefined) return []
  const text = gunzipSync(readFileSync(join(judgesDir, 'verdicts/fhir-test-cases.json.gz'))).toString()
  return (JSON.parse(text) as readonly Case[]).filter(({ needs, sameVerdict }) => needs.length === 0 && sameVerdict)
}

/** The cases for which the validator of HL7 is told to take markup in texts for an error. */
function strict(): ReadonlySet<string> {
  const text = readFileSync(join(corpusDir ?? '', 'fhir-test-cases/cases.json'), 'utf8')
  const { cases } = JSON.parse(text) as { readonly cases: readonly { name: string; 'security-checks'?: boolean }[] }
  return new Set(cases.filter((one) => one['security-checks'] === true).map(({ name }) => name))
}

const NO_BASE64 =
  'the data of the contained Binary, MEKH....SD/Z, is no base64 by https://hl7.org/fhir/R5/datatypes.html#base64Binary'

/** Cases on which we say otherwise, and why. */
const REASONS: Readonly<Record<string, string>> = {
  'narrative-binary': NO_BASE64,
  'narrative-binary-bad': NO_BASE64,
}

const VERSIONS: Readonly<Record<string, FhirVersion>> = { '4.0': '4.0.1', '4.3': '4.3.0', '5.0': '5.0.0' }

async function issuesOf(file: string, design: Design): Promise<readonly Issue[]> {
  const bytes = readFileSync(join(corpusDir ?? '', 'fhir-test-cases', file))
  try {
    const resource = file.endsWith('.xml') ? parseXml(bytes, design.checks.definitions.model) : parseJson(bytes)
    if (isBundle(resource) && resource.type === 'document') return await inspect(resource, design, stillEdge())
    if (isResource(resource)) return await inspectResource(resource, design, stillEdge())
    return [{ severity: 'error', code: 'structure', text: 'There is no resource' }]
  } catch (error) {
    if (error instanceof FhirError) return error.issues
    throw error
  }
}

function checksBy(): (version: string) => Promise<Checks> {
  const known = new Map<FhirVersion, Checks>()
  return async (version) => {
    const fhirVersion = VERSIONS[version.slice(0, 3)] ?? '4.0.1'
    const checks = known.get(fhirVersion) ?? compileChecks(await loadDefinitions({ fhirVersion }))
    known.set(fhirVersion, checks)
    return checks
  }
}

const cases = comparable()

describe.skipIf(cases.length === 0)('the test cases of the validator of HL7', () => {
  it('have our verdict too, all but two', async () => {
    const [design, checksOf, isStrict] = [await openDesign(), checksBy(), strict()]
    const different: string[] = []
    for (const { name, file, version, expectedErrors = 0, issues = [] } of cases) {
      const policy: Policy = isStrict.has(name) ? { 'markup-in-text': 'error' } : {}
      const errors = (await issuesOf(file, { ...design, checks: await checksOf(version), policy })).filter(isError)
      if (errors.length > 0 === expectedErrors > 0) continue
      different.push(name)
      const told = errors.length > 0 ? errors : issues.filter(({ severity }) => severity === 'error')
      const texts = told.slice(0, 3).map(({ expression, text }) => `${expression}: ${text}`)
      const who = errors.length > 0 ? 'only we find' : 'only the judge finds'
      console.log(`${who} errors in ${name} (${file}, ${version}): ${REASONS[name] ?? texts.join('; ')}`)
    }
    console.log(`the same verdict on ${cases.length - different.length} of ${cases.length} test cases`)
    expect(different.filter((name) => REASONS[name] === undefined)).toEqual([])
    expect(different.length).toBeLessThanOrEqual(2)
  })
})
