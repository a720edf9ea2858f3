/** Who has seen a stored document: one query of the audit, as a page for those who administer the service. */

import type { Route } from '../http/route.ts'
import type { Resource } from '../fhir/types.ts'
import type { Reader } from '../pages.ts'
import { HOME, page, pageAnswer, readerFor } from './page.ts'
import { objectsOf } from './rows.ts'

/** The latest first; what is older is found by the query itself. */
const MOST = 200

const PATH = `${HOME}/document/:id/accesses`

const accesses = page({
  path: PATH,
  text: 'who has seen or changed a stored document, from where, why, and what came of it',
  need: { role: 'administer' },
  answer: async (call) => {
    const { service, id } = call
    const reader = readerFor(call)
    const document = `Bundle/${id}`
    await service.store.audit?.publish()
    const parameters = [['entity', document], ['_sort', '-date']] as const // prettier-ignore
    const { matches, pages } = await service.store.snapshot((snapshot) =>
      snapshot.search({ type: 'AuditEvent', parameters, handling: 'strict', defaultCount: MOST, maxCount: MOST }),
    )
    const rows = matches.flatMap(({ resource }) => (resource === undefined ? [] : [rowOf(resource, reader)]))
    return pageAnswer(call, 'web/accesses', {
      title: reader.phrase('web.accesses.title'),
      document,
      path: `${HOME}/document/${id}`,
      rows,
      more: pages.next !== undefined,
      isOff: service.audit === undefined,
    })
  },
})

/** Emergency Override Started, in DICOM: it stands beside what was done. */
const EMERGENCY = '110127'

interface Row {
  readonly when: string
  readonly who: string
  readonly application: string
  readonly act: string
  readonly outcome: string
  readonly tone: string
  readonly from: string
  readonly why: string
}

/** An AuditEvent of ours in words. */
export function rowOf(event: Resource, { show, phrase }: Pick<Reader, 'show' | 'phrase'>): Row {
  const agents = objectsOf(event['agent'])
  const user = agents.find(({ requestor, network }) => requestor === true && network === undefined)
  const client = agents.find(({ network }) => network !== undefined)
  const [who, application] = [user, client].map((agent) => objectsOf(agent?.['who'])[0])
  const isDone = event['outcome'] === '0'
  const [emergency, own] = partition(objectsOf(event['subtype']), ({ code }) => code === EMERGENCY)
  const acts = [...own.slice(-1), ...emergency].map(({ code, display }) => textOf(display) || textOf(code))
  return {
    when: show(event['recorded'], 'instant'),
    who: textOf(who?.['display']) || textOf(objectsOf(who?.['identifier'])[0]?.['value']) || phrase('web.accesses.nobody'),
    application: textOf(objectsOf(application?.['identifier'])[0]?.['value']) || textOf(application?.['display']),
    act: acts.join(', '),
    outcome: isDone ? phrase('web.accesses.done') : textOf(event['outcomeDesc']) || phrase('web.accesses.failed'),
    tone: isDone ? 'good' : 'grave',
    from: textOf(objectsOf(client?.['network'])[0]?.['address']),
    why: objectsOf(event['purposeOfEvent']).map((purpose) => show(purpose, 'CodeableConcept')).join(', '),
  } // prettier-ignore
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))]
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export const accessesRoutes: readonly Route[] = [accesses]
