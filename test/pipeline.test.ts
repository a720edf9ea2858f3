/** The four stages in their order, over the discharge summary of the demo. */

import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { reading } from './model.ts'
import { demoSigner } from '../src/edge/keys/demo.ts'
import { openSource } from '../src/edge/store/open.ts'
import { FhirError } from '../src/fhir/error.ts'
import { isError } from '../src/fhir/issue.ts'
import { parseJson, stringify } from '../src/fhir/json.ts'
import type { Bundle, Checked, Collected, Composition } from '../src/fhir/types.ts'
import {
  compose,
  inspect,
  judge,
  octetsOf,
  present,
  signDocument,
  type ComposeRequest,
  type Design,
} from '../src/pipeline.ts'
import type { Source } from '../src/ports.ts'
import { sign } from '../src/sign/sign.ts'
import { openDesign, stillEdge } from './design.ts'

const folder = new URL('../fixtures/documents/discharge/', import.meta.url).pathname
const composition = parseJson(readFileSync(`${folder}composition.json`)) as Composition
const edge = stillEdge()
const { key, trust, crls } = demoSigner({ now: edge.now() })
let design: Design
let source: Source
beforeAll(async () => {
  design = await openDesign()
  source = await openSource(`${folder}resources`, reading)
})

function request(changes: Partial<ComposeRequest> = {}): ComposeRequest {
  return { composition, sources: [source], secondary: 'include', fullUrl: 'uuid', ...changes }
}

async function issuesOf(work: Promise<unknown>): Promise<FhirError['issues']> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof FhirError) return error.issues
  throw new TypeError('Nothing was refused')
}

describe('compose', () => {
  it('makes a document without an error, with every resource and a receipt of every reference', async () => {
    const { bundle, receipt, issues } = await compose(request(), design, edge)
    expect(issues.filter(isError)).toEqual([])
    expect(bundle.entry).toHaveLength(57)
    expect(
      receipt.references.filter(({ decision, value }) => decision !== 'included' && !value.startsWith('data:')),
    ).toEqual([])
    expect(receipt.packages).toEqual(['hl7.fhir.r4.core#4.0.1'])
    expect(stringify(bundle)).toContain('"value":7.60')
  })

  it('gives the same document for the same input, and leaves its input as it was', async () => {
    const before = stringify(composition)
    const [one, other] = await Promise.all([compose(request(), design, edge), compose(request(), design, edge)])
    expect(stringify(one.bundle)).toBe(stringify(other.bundle))
    expect(stringify(composition)).toBe(before)
  })

  it('makes none where anything is missing, and names all of it once', async () => {
    const empty: Source = {
      name: 'empty',
      read: (targets) => Promise.resolve(targets.map(() => [])),
      provenances: () => Promise.resolve([]),
    }
    const issues = await issuesOf(compose(request({ sources: [empty] }), design, edge))
    const missing = issues.filter(({ rule }) => rule === 'missing-reference').map(({ expression }) => expression)
    expect(missing).toContain('Bundle.entry[0].resource.section[5].section[1].entry[0]')
    expect(missing).toHaveLength(new Set(missing).size)
    expect(
      issues.filter(({ expression, rule }) => rule !== 'missing-reference' && missing.includes(expression)),
    ).toEqual([])
  })

  it('signs what it checked: the signature holds, and is that of the key', async () => {
    const { bundle } = await compose(request({ sign: { key } }), design, edge)
    const report = await judge(bundle, { trust, crls, at: edge.now() }, edge)
    expect(report.indication).toBe('TOTAL_PASSED')
    expect(new TextDecoder().decode(octetsOf(bundle))).not.toContain('"signature"')
  })
})

describe('signDocument', () => {
  it('refuses a document that anything blocks, with all its issues (H-18)', async () => {
    const { bundle } = await compose(request(), design, edge)
    const { identifier: _identifier, ...unnamed } = bundle as Bundle
    const issues = await issuesOf(signDocument(unnamed, { key }, design, edge))
    expect(issues.map(({ rule }) => rule)).toContain('bdl-9')
    expect(issues).toEqual(await inspect(unnamed as Bundle, design, edge))
  })
})

it('the page of a document has the text of each section, and nothing was taken away', async () => {
  const { bundle } = await compose(request(), design, edge)
  const { xhtml, issues } = present(bundle, design, edge)
  expect(issues).toEqual([])
  for (const title of ['Diagnoses', 'Laboratory trend', 'Imaging', 'Medication at discharge', 'Plan of care'])
    expect(xhtml).toContain(`>${title}<`)
  expect(xhtml).toContain('src="data:image/png;base64,')
})

it('a wrong order of the stages does not compile', () => {
  const collected = { resourceType: 'Bundle' } as Collected
  // @ts-expect-error -- what was collected but not checked is not signed
  const misuse = (): unknown => sign(collected, key, { when: edge.now() })
  const use = (checked: Checked): unknown => sign(checked, key, { when: edge.now() })
  expect([typeof misuse, typeof use]).toEqual(['function', 'function'])
})
