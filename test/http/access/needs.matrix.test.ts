/** Every route for every kind of caller: nothing is answered, counted or hinted that its row does not allow. */

import { describe, expect, it } from 'vitest'
import { needOf } from '../../../src/http/access/needs.ts'
import { ROUTES } from '../../../src/http/routes.ts'
import { WEB_ROUTES } from '../../../src/web/routes.ts'
import { accessService, BAD_TOKENS, failuresSeen, token, type Answered, type Sent } from './access-service.ts'
import { MATRIX, type Row, type Subject } from './matrix.ts'
import { load, MARKS } from './records.ts'

const keyOf = ({ method, path }: { readonly method: string; readonly path: string }): string => `${method} ${path}`
const rows = ROUTES.map((route) => [keyOf(route), MATRIX[keyOf(route)]] as const)

const service = await accessService()
const { send } = service
const documents = await load(service)

const theirs: Subject = { Patient: 'a', Observation: 'a1', Composition: 'ca', Bundle: documents.a, Binary: 'bina', Encounter: 'ea' } // prettier-ignore
/** As long as the ids of what is hidden, so that nothing is longer. */
const ABSENT: Subject = { Patient: 'z', Observation: 'z9', Composition: 'zz', Bundle: documents.b.replace(/^......../, 'ffffffff'), Binary: 'zzzz', Encounter: 'zz' } // prettier-ignore

/** An answer without the ids that were asked for: what is left must tell nothing. */
function told({ status, text, headers }: Answered, subject: Subject): string {
  const { 'www-authenticate': challenge, etag, 'content-type': type, link, location, 'x-issues': issues } = headers
  const all = JSON.stringify([status, text, challenge, etag, type, link, location, issues])
  const bare = (Object.values(subject) as string[])
    .toSorted((one, other) => other.length - one.length)
    .reduce((rest, id) => rest.replaceAll(placeOf(id), '*'), all)
  return bare
    .replaceAll(/"lastModified":"[^"]*"|\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'uuid')
}

/** Where an id stands alone; a letter is one only where it is an address. */
function placeOf(id: string): RegExp {
  return new RegExp(
    id.length === 1 ? `(?<=Patient/|urn:a\\||patient=)${id}(?![A-Za-z0-9])` : `(?<![A-Za-z0-9])${id}(?![A-Za-z0-9])`,
    'g',
  )
}

it('has a row for each route, and the door knows what each needs', () => {
  expect(rows.filter(([, row]) => row === undefined).map(([key]) => key)).toEqual([])
  expect([...ROUTES, ...WEB_ROUTES].filter((route) => needOf(route) === undefined).map(keyOf)).toEqual([])
})

const each = rows.flatMap(([key, row]) => (row === undefined ? [] : [[key, row] as const]))
const closed = each.filter(([, row]) => row.isPublic !== true)

describe('without a token', () => {
  it.each(each)('%s is answered only where it is public', async (_, { ask, isPublic }) => {
    const { status, headers, text } = await send(ask(theirs))
    expect(status === 401).toBe(isPublic !== true)
    if (isPublic === true) return
    expect(headers['www-authenticate']).toBe('Bearer')
    expect(JSON.parse(text)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'login' }] })
  })

  it('takes none from the address', async () => {
    expect((await send({ path: `/fhir/Patient/a?access_token=${token({ scope: 'system/*.cruds' })}` })).status).toBe(
      401,
    )
  })
})

describe.each(Object.entries(BAD_TOKENS))('with a token %s', (_, bad) => {
  it('nothing is answered, whether it is there or not', async () => {
    for (const [key, { ask }] of closed) {
      const [there, absent] = [await send(ask(theirs), bad), await send(ask(ABSENT), bad)]
      expect(there.status, key).toBe(401)
      expect(there.headers['www-authenticate'], key).toMatch(/^Bearer error="invalid_token", error_description="/)
      expect(told(there, theirs), key).toBe(told(absent, ABSENT))
    }
  })
})

const roles = ['compose', 'attest', 'sign', 'read', 'administer']

interface Column {
  readonly name: string
  readonly bearer: string
  readonly hidden: Subject
  /** Words that must not be seen. */
  readonly marks: readonly string[]
}

const treating = { scope: 'user/*.cruds', fhirUser: 'Practitioner/d', purpose_of_use: 'TREAT', roles }
const subjectOf = (letter: 'b' | 'c'): Subject => ({
  Patient: letter, Observation: `${letter}1`, Composition: `c${letter}`, Bundle: documents[letter], Binary: `bin${letter}`, Encounter: `e${letter}`,
}) // prettier-ignore

const COLUMNS: readonly Column[] = [
  { name: 'of another patient', bearer: token({ scope: 'patient/*.cruds', patient: 'a', roles, purpose_of_use: 'ETREAT' }), hidden: subjectOf('b'), marks: [MARKS.b, MARKS.c] },
  { name: 'of a user who is another patient', bearer: token({ scope: 'user/*.cruds', fhirUser: 'Patient/a', roles, purpose_of_use: 'ETREAT' }), hidden: subjectOf('b'), marks: [MARKS.b, MARKS.c] },
  { name: 'of a patient who is nowhere', bearer: token({ scope: 'patient/*.cruds', patient: 'nowhere', roles }), hidden: subjectOf('b'), marks: [MARKS.a, MARKS.b, MARKS.c, MARKS.v] },
  { name: 'without the purpose of a label', bearer: token(treating), hidden: { Patient: 'pv', Observation: 'v1', Composition: 'cv', Bundle: documents.v, Binary: 'binv', Encounter: 'ev' }, marks: [MARKS.v] },
  { name: 'whom a consent denies', bearer: token(treating), hidden: subjectOf('c'), marks: [MARKS.c] },
] // prettier-ignore

describe.each(COLUMNS)('with a token $name', ({ bearer, hidden, marks }) => {
  it.each(closed.filter(([, { isForAll }]) => isForAll !== true))(
    '%s tells nothing of what is hidden',
    async (key, row) => {
      const answers = await bothOf(row, bearer, hidden)
      expect(answers.hidden, key).toBe(answers.absent)
      for (const mark of marks) expect(answers.hidden, key).not.toContain(mark)
    },
  )

  it('finds, includes and counts nothing of it', async () => {
    for (const path of [
      'Observation',
      'Observation?_include=*&_revinclude=*',
      'Patient?_revinclude=*',
      'Task',
      'Provenance',
      'Bundle',
      'Composition?_include=Composition:entry',
      'Binary',
      '',
      'Bundle?type=document',
      'Observation/_history',
      '_history?_count=5',
    ]) {
      const { status, text } = await send({ path: `/fhir/${path}` }, bearer)
      expect(status, path).toBe(200)
      for (const mark of marks) expect(text, path).not.toContain(mark)
    }
  })

  it('is led through nothing of it by a chain', async () => {
    const ways = marks.flatMap((mark) => [
      `Observation?subject:Patient.name=${mark}`,
      `Observation?patient.name=${mark}`,
      `Task?patient.name=${mark}`,
      `Bundle?composition.patient.name=${mark}`,
      `Composition?title=${mark}`,
      `Patient?_has:Task:patient:_id=t${hidden.Patient}`,
      `Patient?_has:Observation:patient:_id=${hidden.Observation}`,
      `Practitioner?_has:Composition:author:_id=${hidden.Composition}`,
      `Practitioner?_has:Composition:author:title=${mark}`,
      `Observation?_has:Provenance:target:agent:Practitioner.name=${mark}`,
    ])
    for (const path of ways) {
      const { status, text } = await send({ path: `/fhir/${path}` }, bearer)
      if (status === 400) continue
      expect(JSON.parse(text), path).toMatchObject({ total: 0 })
    }
  })
})

async function bothOf({ ask }: Row, bearer: string, hidden: Subject): Promise<{ hidden: string; absent: string }> {
  const [one, other] = [await send(ask(hidden), bearer), await send(ask(ABSENT), bearer)]
  if (JSON.stringify(ask(hidden)) === JSON.stringify(ask(ABSENT))) return { hidden: one.text, absent: other.text }
  return { hidden: told(one, hidden), absent: told(other, ABSENT) }
}

describe('with narrower scopes', () => {
  const bearer = token({ scope: 'system/Basic.cruds', roles, purpose_of_use: 'ETREAT' })
  const ofStore = closed.filter(([key, { isOfItself, role }]) => isOfItself !== true && role !== true && key !== 'POST /fhir' && !key.includes('OperationDefinition') && !/ \/fhir(?:\/_search|\/_history)?$/.test(key)) // prettier-ignore

  it.each(ofStore)('%s is refused whether it is there or not', async (key, row) => {
    const { status, headers } = await send(row.ask(theirs), bearer)
    expect(status, key).toBe(403)
    expect(headers['www-authenticate'], key).toMatch(
      /^Bearer error="insufficient_scope", error_description="[^"]+", scope="/,
    )
    const { hidden, absent } = await bothOf(row, bearer, theirs)
    expect(hidden).toBe(absent)
  })

  it('each entry of a batch is refused', async () => {
    const { text } = await send(requiredRow('POST /fhir').ask(theirs), bearer)
    const { entry } = JSON.parse(text) as { entry: { response: { status: string } }[] }
    expect(entry.map(({ response }) => response.status.slice(0, 3))).toEqual(entry.map(() => '403'))
  })

  it('a transaction is refused whole', async () => {
    const request: Sent = requiredRow('POST /fhir').ask(theirs)
    const body = { ...(request.body as object), type: 'transaction' }
    expect((await send({ ...request, body }, bearer)).status).toBe(403)
  })

  it.each(['GET /fhir', 'POST /fhir/_search', 'GET /fhir/_history'])('%s finds nothing of other types', async (key) => {
    const { text } = await send(requiredRow(key).ask(theirs), bearer)
    expect(text).not.toContain(MARKS.a)
  })
})

describe('without the office', () => {
  const bearer = token({ scope: 'system/*.cruds', purpose_of_use: 'ETREAT' })

  it.each(closed.filter(([, { role }]) => role === true))('%s is refused', async (_, { ask }) => {
    const { status, text } = await send(ask(theirs), bearer)
    expect(status).toBe(403)
    expect(text).toMatch(/needs the role/)
  })

  it('nothing that is composed is stored', async () => {
    const path = '/fhir/Composition/ca/$document?persist=true'
    const { status, text } = await send({ method: 'POST', path: `${path}&fullUrl=uuid` }, bearer)
    expect(status).toBe(403)
    expect(text).toContain('compose')
  })

  it('nothing that says it signs a stored document is stored', async () => {
    const body = { resourceType: 'Provenance', target: [{ reference: `Bundle/${documents.a}` }], recorded: '2026-02-01T10:00:00Z', agent: [{ who: { display: 'x' } }] } // prettier-ignore
    expect((await send({ method: 'POST', path: '/fhir/Provenance', body }, bearer)).status).toBe(403)
  })
})

function requiredRow(key: string): Row {
  const row = MATRIX[key]
  if (row === undefined) throw new TypeError(`No row ${key}`)
  return row
}

it('nothing failed', () => {
  expect(failuresSeen()).toEqual([])
})
