/** The documents there are, the latest first. */

import type { Call, Route } from '../http/route.ts'
import { asked } from './asked.ts'
import { HOME, page, pageAnswer, readerFor } from './page.ts'
import { documentRows } from './standing.ts'

const MOST_ROWS = 25
const STATUSES = ['preliminary', 'final', 'amended', 'entered-in-error'] as const
const PATH = `${HOME}/documents`

const list = page({
  path: PATH,
  text: 'the documents, those with a status or all, with where each stands',
  answer: async (call) => {
    const reader = readerFor(call)
    const status = STATUSES.find((one) => one === asked('status', call))
    const { rows, next } = await documentsIn(call, status)
    return pageAnswer(call, 'web/documents-page', {
      title: reader.phrase('web.documents.title'),
      documents: rows,
      statuses: STATUSES.map((one) => ({ code: one, word: reader.show(one, 'code'), isChosen: one === status })),
      next: next && `${PATH}?${new URLSearchParams({ ...(status && { status }), page: next }).toString()}`,
    })
  },
})

function documentsIn(
  call: Call,
  status: string | undefined,
): Promise<{ rows: Awaited<ReturnType<typeof documentRows>>; next: string | undefined }> {
  const reader = readerFor(call)
  const page = asked('page', call)
  const { store, base } = call.service
  const parameters = [
    ['type', 'document'],
    ...(status === undefined ? [] : [['composition.status', status] as const]),
    ['_sort', '-_lastUpdated'],
  ] as const
  const request = {
    type: 'Bundle',
    parameters,
    handling: 'strict',
    defaultCount: MOST_ROWS,
    maxCount: MOST_ROWS,
  } as const
  return store.snapshot(async (snapshot) => {
    const { matches, pages } = await snapshot.search({ ...request, ...(page !== '' && { page }) })
    return { rows: await documentRows(snapshot, matches, { base, reader }), next: pages.next }
  })
}

export const documentsRoutes: readonly Route[] = [list]
