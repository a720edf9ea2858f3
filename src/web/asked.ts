/** What the query of a page asks for. */

import type { Call } from '../http/route.ts'

/** The text of a field of a query; empty where there is none. */
export function asked(name: string, { query }: Pick<Call, 'query'>): string {
  return query.find(([key]) => key === name)?.[1].trim() ?? ''
}
