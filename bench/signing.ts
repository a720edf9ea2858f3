/** Signing and verifying measured on a thousand documents: what canonical JSON costs, and what we add to it. */

import { demoSigner } from '../src/edge/keys/demo.ts'
import { canonical } from '../src/fhir/canonical.ts'
import { parseJson } from '../src/fhir/json.ts'
import { isBundle, type Checked } from '../src/fhir/types.ts'
import { embed, prepare } from '../src/sign/sign.ts'
import { verify } from '../src/sign/verify.ts'
import { collectGarbage, median } from './measure.ts'
import { syntheticRecord } from './record.ts'

/** What a document of about forty entries costs, in the median. */
export interface SigningResult {
  readonly documents: number
  readonly kB: number
  readonly canonicalMs: number
  /** Of the canonical form, on one core. */
  readonly canonicalMBs: number
  /** Without the key. */
  readonly signMs: number
  /** What the key takes, in the thread pool. */
  readonly keyMs: number
  /** Without canonical JSON. */
  readonly signOwnMs: number
  readonly verifyMs: number
  readonly verifyOwnMs: number
}

const NOW = '2027-01-01T08:00:00Z'
const ENTRIES = 40
const WARM = 50

/** The costs of an ES256 signature and its verification against a trusted root, with its revocation list. */
export async function measureSigning(documents = 1_000): Promise<SigningResult> {
  const text = documentText()
  const { key, trust, crls } = demoSigner({ now: NOW })
  const laps = { canonical: [] as number[], key: [] as number[], sign: [] as number[], verify: [] as number[] }
  let bytes = 0
  for (let count = -WARM; count < documents; count++) {
    const bundle = read(text, count)
    const [canonicalMs, form] = timed(() => Buffer.from(canonical(bundle, ['signature', 'id', 'meta']), 'utf8'))
    const fresh = read(text, count)
    const [prepareMs, prepared] = timed(() => prepare(fresh, key, { when: NOW }))
    const startMs = performance.now()
    const value = await key.sign(prepared.input)
    const keyMs = performance.now() - startMs
    const [embedMs, signed] = timed(() => embed(prepared, value))
    const again = parseJson(JSON.stringify(signed)) as Checked
    const [verifyMs, verifying] = timed(() => verify(again, { trust, crls, at: NOW }))
    if ((await verifying).indication !== 'TOTAL_PASSED')
      throw new TypeError('A document that was just signed does not pass')
    if (count < 0) continue
    bytes = form.byteLength
    laps.canonical.push(canonicalMs)
    laps.key.push(keyMs)
    laps.sign.push(prepareMs + embedMs)
    laps.verify.push(verifyMs)
    if (count % 100 === 0) collectGarbage()
  }
  const [canonicalMs, keyMs, signMs, verifyMs] = [laps.canonical, laps.key, laps.sign, laps.verify].map(median) as [
    number,
    number,
    number,
    number,
  ]
  return {
    documents,
    kB: bytes / 1e3,
    canonicalMs,
    canonicalMBs: bytes / 1e3 / canonicalMs,
    signMs,
    keyMs,
    signOwnMs: signMs - canonicalMs,
    verifyMs,
    verifyOwnMs: verifyMs - canonicalMs,
  }
}

/** The reading is not measured. */
function read(text: string, count: number): Checked {
  const bundle = parseJson(text.replace('"type":"document"', `"type":"document","language":"en-${count + WARM}"`))
  if (!isBundle(bundle)) throw new TypeError('The synthetic document is no Bundle')
  return bundle as Checked
}

function timed<T>(work: () => T): readonly [ms: number, result: T] {
  const startMs = performance.now()
  const result = work()
  return [performance.now() - startMs, result]
}

function documentText(): string {
  const { composition, resources } = syntheticRecord(ENTRIES)
  const entries = [composition, ...resources].map((resource, index) => {
    return `{"fullUrl":"https://fhir.example.org/r4/entry/${index}","resource":${resource}}`
  })
  const head = `"resourceType":"Bundle","type":"document","timestamp":"${NOW}"`
  return `{${head},"identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:1"},"entry":[${entries.join(',')}]}`
}
