/** What comes of an entry, as an entry of the response. @see https://hl7.org/fhir/R4/bundle.html#transaction */

import { FhirError } from '../../fhir/error.ts'
import { outcome, type Issue } from '../../fhir/issue.ts'
import type { Bundle, Entry } from '../../fhir/types.ts'
import { Refusal, told } from '../answer.ts'
import { STATUS_CODES } from '../node-http.ts'
import { modelOf, type Service } from '../route.ts'
import type { Outcome } from './ask.ts'
import { stamped } from './bundle.ts'
import type { Planned } from './entries.ts'
import type { Preferences } from './prefer.ts'
import { shapeOf, subset } from './subset.ts'

/** The response to a batch or transaction, its entries in the order of the request. */
export function responseBundle(type: string, entry: readonly Entry[]): Bundle {
  return { resourceType: 'Bundle', type: `${type}-response`, ...(entry.length > 0 && { entry }) }
}

export interface ResponseOptions {
  readonly service: Service
  readonly preferences: Preferences
}

/** What came of an entry; what was written comes with it only where the client would rather have it. */
export function responseEntry({ act, ask }: Planned, done: Outcome, { service, preferences }: ResponseOptions): Entry {
  const { version, status, bundle, issues = [] } = done
  const isWanted = status !== 304 && (!act.writes || preferences.return === 'representation')
  const found = isWanted ? version?.resource : undefined
  const resource = bundle ?? (found === undefined ? undefined : subset(found, shapeOf(ask.query), modelOf(service)))
  const isThere = version?.text !== undefined
  return {
    ...(isThere && { fullUrl: `${service.base}/${version.type}/${version.id}` }),
    ...(resource !== undefined && { resource }),
    response: {
      status: statusText(status),
      ...(isThere && { location: `${version.type}/${version.id}/_history/${version.versionId}` }),
      ...(version !== undefined && stamped(version)),
      ...(issues.length > 0 && { outcome: outcome(issues) }),
    },
  }
}

/** What is said of an entry of a batch that failed. */
export function failedEntry(thrown: unknown, index: number): Entry {
  const { status, issues } = told(thrown)
  return { response: { status: statusText(status), outcome: outcome(issues.map((issue) => placed(issue, index))) } }
}

/** `200 OK` */
export function statusText(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trim()
}

/** An issue of an entry's resource as one of the Bundle. */
export function placed(issue: Issue, index: number): Issue {
  const entry = `Bundle.entry[${index}]`
  const { expression } = issue
  if (expression === undefined) return { ...issue, expression: entry }
  return { ...issue, expression: expression.replace(/^[A-Za-z]+/, `${entry}.resource`) }
}

/** What work on an entry gives; what it throws says which entry it was. */
export async function inEntry<T>(index: number, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw located(thrown, index)
  }
}

function located(thrown: unknown, index: number): unknown {
  if (thrown instanceof Refusal) return new Refusal(thrown.status, placed(thrown.issue, index), thrown.headers)
  if (!(thrown instanceof FhirError)) return thrown
  const [first, ...others] = thrown.issues
  const rest = others.map((issue) => placed(issue, index))
  return new FhirError([placed(first, index), ...rest], { cause: thrown.cause })
}
