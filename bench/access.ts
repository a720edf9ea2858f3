/**
 * What all checks cost: the same documents of the same store with nobody at the door, and with tokens, scopes, labels,
 * consents and the audit. Both services run side by side and are asked in turn, so that the machine treats them alike.
 */

import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientOf, together, type Ask, type Client } from './clients.ts'
import { median } from './measure.ts'
import { cpuClock, serve, type Served } from './processes.ts'
import { syntheticRecord } from './record.ts'
import type { Backend } from './service.ts'

/** Milliseconds of CPU of service and database for a document, without the checks and with them. */
export interface Pair {
  readonly bareMs: number
  readonly checkedMs: number
  /** The middle one of all rounds: both are measured within seconds, whatever the machine does over minutes. */
  readonly ratio: number
}

export interface AccessResult {
  readonly store: Backend['name']
  readonly entries: number
  readonly rounds: number
  /** Something that stands in the document was written since it was last asked for. */
  readonly changed: Pair
  /**
   * Nothing was. As in use, this is a mixture: each process of the service makes a document once after a change and recalls
   * it from then on, so that of two processes one makes it again: about a quarter of these are made, the others recalled.
   */
  readonly unchanged: Pair
  /** One of each, as the bench of the service asks: something was written before every second document. */
  readonly mixed: Pair
}

const ENTRIES = 40
/** Records that the documents are made of, in turn: as many as may be asked for in a moment. */
const RECORDS = 16
const CLIENTS = 8
/** How often an unchanged document is asked for in a round. */
const REPEATS = 4
/** Rounds before it is measured, so that everything is compiled. */
const WARMING = 25
const ISSUER = 'https://login.example'
const AUDIENCE = 'https://records.example/fhir'

/** A record as a client asks for it. */
interface Asked {
  readonly composition: string
  /** One that changes, as it was. */
  readonly changing: Body
  /** What the token of its patient's clinician is. */
  readonly bearer: string
}
type Body = { readonly [name: string]: unknown; readonly resourceType: string }

interface Side {
  readonly served: Served
  readonly isChecked: boolean
}

/** The documents of both services, in turn. */
export async function measureAccess(backend: Backend, rounds = 60): Promise<AccessResult> {
  const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-bench-'))
  const issuer = issuerIn(folder)
  const checked = await serve({
    FHIRDOC_STORE: backend.url,
    FHIRDOC_AUTH_ISSUER: ISSUER,
    FHIRDOC_AUTH_AUDIENCE: AUDIENCE,
    FHIRDOC_AUTH_JWKS: issuer.keys,
  })
  const bare = await serve({ FHIRDOC_STORE: backend.beside })
  try {
    const sides: readonly Side[] = [{ served: bare, isChecked: false }, { served: checked, isChecked: true }] // prettier-ignore
    const records = Array.from({ length: RECORDS }, (_, number) => recordNamed(`r${number}`))
    const loading = issuer.token({ scope: 'system/*.cruds', roles: ['administer'] })
    for (const { served, isChecked } of sides) await load(served, records, isChecked ? loading : undefined)
    const asked = records.map((record) => askedOf(record, issuer))
    const work = { asked, loading, pids: backend.pids }
    for (let count = 0; count < WARMING; count += 1) for (const side of sides) await roundOf(side, work)
    const laps = { bare: [] as Lap[], checked: [] as Lap[] }
    for (let count = 0; count < rounds; count += 1)
      for (const side of count % 2 === 0 ? sides : sides.toReversed())
        laps[side.isChecked ? 'checked' : 'bare'].push(await roundOf(side, work))
    const pair = (of: (lap: Lap) => number): Pair => {
      const [bare, checked] = [laps.bare.map(of), laps.checked.map(of)]
      const ratio = median(checked.map((ms, round) => ms / (bare[round] ?? NaN)))
      return { bareMs: median(bare), checkedMs: median(checked), ratio }
    }
    const ways = {
      changed: pair(({ changedMs }) => changedMs),
      unchanged: pair(({ unchangedMs }) => unchangedMs),
      mixed: pair(({ changedMs, unchangedMs }) => (changedMs + unchangedMs) / 2),
    }
    return { store: backend.name, entries: ENTRIES, rounds, ...ways }
  } finally {
    await Promise.all([bare.stop(), checked.stop()])
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Work {
  readonly asked: readonly Asked[]
  readonly loading: string
  readonly pids: readonly number[]
}

interface Lap {
  readonly changedMs: number
  readonly unchangedMs: number
}

/** Each record is written to, then asked for, then asked for again; what the writes cost is not counted. */
async function roundOf({ served, isChecked }: Side, { asked, loading, pids }: Work): Promise<Lap> {
  const base = `${served.url}/fhir`
  const all = [served.pid, ...pids]
  const shown = (bearer: string): Pick<Ask, 'bearer'> => (isChecked ? { bearer } : {})
  const each = async (ask: (one: Asked) => Ask, times = 1): Promise<number> => {
    let next = 0
    const elapsed = cpuClock(all)
    const { count } = await together(base, { clients: CLIENTS, count: asked.length * times }, async (client) => {
      await client(ask(asked[next++ % asked.length] as Asked))
      return 0
    })
    return elapsed() / count
  }
  await each(({ changing }) => ({ ...written(changing), ...shown(loading) }))
  const document = ({ composition, bearer }: Asked): Ask => ({
    method: 'GET',
    path: `/Composition/${composition}/$document?persist=false`,
    ...shown(bearer),
  })
  return { changedMs: await each(document), unchangedMs: await each(document, REPEATS) }
}

let marks = 0

function written(resource: Body): Ask {
  const body = JSON.stringify({ ...resource, identifier: [{ system: 'urn:oid:2.999.1', value: `m${(marks += 1)}` }] })
  return { method: 'PUT', path: `/${resource.resourceType}/${String(resource['id'])}`, body }
}

/** A token for the record of one patient, as a clinician has it who opens an application for that patient. */
function askedOf([composition, ...resources]: readonly Body[], { token }: Issuer): Asked {
  const changing = resources.find(({ resourceType }) => resourceType === 'Observation')
  const patient = resources.find(({ resourceType }) => resourceType === 'Patient')
  if (changing === undefined || patient === undefined)
    throw new TypeError('The record has no Observation or no Patient')
  const claims = { scope: 'launch/patient patient/*.rs', patient: patient['id'], purpose_of_use: 'TREAT' }
  const bearer = token({ ...claims, fhirUser: 'Practitioner/clinician', sub: 'clinician' })
  return { composition: String(composition?.['id']), changing, bearer }
}

/** A record of which every eighth resource is restricted, and whose patient keeps things from some. */
function recordNamed(prefix: string): readonly Body[] {
  const { composition, resources } = syntheticRecord(ENTRIES)
  const all = [composition, ...resources].map((text, place) => {
    const named = text.replace(/"(id|reference)":"((?:[A-Z][A-Za-z]+\/)?)([a-z])/g, `"$1":"$2${prefix}-$3`)
    const body = JSON.parse(named) as Body
    return place % 8 === 3
      ? { ...body, meta: { ...(body['meta'] as object | undefined), security: [RESTRICTED] } }
      : body
  })
  return [...all, consentOf(`${prefix}-patient`, `${prefix}-consent`)]
}

const RESTRICTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }
const coded = (system: string, code: string): object => ({ coding: [{ system, code }] })

/** All may see it but an insurer, and nobody what is of psychiatry: each resource must be looked at. */
function consentOf(patient: string, id: string): Body {
  const insurer = { role: coded('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP'), reference: { reference: 'Organization/insurer' } } // prettier-ignore
  const psychiatry = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' }
  return {
    resourceType: 'Consent',
    id,
    status: 'active',
    scope: coded('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    category: [coded('http://loinc.org', '59284-0')],
    patient: { reference: `Patient/${patient}` },
    dateTime: '2026-01-01',
    policyRule: coded('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
    provision: {
      type: 'permit',
      provision: [
        { type: 'deny', actor: [insurer] },
        { type: 'deny', securityLabel: [psychiatry] },
      ],
    },
  }
}

async function load(served: Served, records: readonly (readonly Body[])[], bearer: string | undefined): Promise<void> {
  const client: Client & { readonly close: () => void } = clientOf(`${served.url}/fhir`)
  for (const all of records) {
    const entry = all.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${String(resource['id'])}` },
    }))
    const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
    await client({ method: 'POST', path: '', body, ...(bearer !== undefined && { bearer }) })
  }
  client.close()
}

interface Issuer {
  /** The file with the keys. */
  readonly keys: string
  readonly token: (claims: Readonly<Record<string, unknown>>) => string
}

function issuerIn(folder: string): Issuer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = join(folder, 'keys.json')
  writeFileSync(keys, JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256' }] }))
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return {
    keys,
    token: (claims) => {
      const exp = Math.floor(Date.now() / 1000) + 3_600
      const all = { iss: ISSUER, aud: AUDIENCE, sub: 'bench', exp, ...claims }
      const input = `${part({ alg: 'ES256', typ: 'at+jwt', kid: 'k' })}.${part(all)}`
      const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return `${input}.${signature.toString('base64url')}`
    },
  }
}
