/**
 * The record of a patient on a FHIR server: by `$everything` where it has it, else by a search for each type; every page of
 * each is read. @see https://hl7.org/fhir/R4/patient-operation-everything.html
 */

import type { Issue } from '../../fhir/issue.ts'
import { isResource, type Resource } from '../../fhir/types.ts'
import type { Found, PatientHoldings } from '../../ports.ts'
import { refusal, type Answer } from './exchange.ts'
import { searched, type Paging } from './search-pages.ts'
import { answersOf, type Read, type Server } from './wave.ts'

export interface HoldingsOptions {
  readonly server: Server & { readonly issues: Issue[] }
  readonly paging: Paging
  readonly signal: AbortSignal
  readonly foundAs: (base: string, resource: Resource) => Found
}

/** Answers of a server that does not offer what it was asked. */
const NOT_OFFERED: ReadonlySet<number> = new Set([400, 404, 405, 422, 501])
/** The names of the parameter that asks for a patient, the commoner first; servers know one or both. */
const PARAMETERS = ['patient', 'subject'] as const
const COUNT = 500

/** What the server has of a patient. A type that it does not search is a gap, never nothing. @throws FhirError `no-store`, `timeout` where an answer fails */
export async function patientHoldings(
  { resource: { id = '' } }: Found,
  types: readonly string[],
  options: HoldingsOptions,
): Promise<PatientHoldings> {
  const { server, paging, signal } = options
  const path = `Patient/${id}/$everything?_count=${COUNT}`
  const everything = await server.exchange({ path }, signal)
  if (isResource(everything.body, 'Bundle')) {
    const resources = await searched(everything.body, path, { ...paging, takesIncluded: true })
    return { found: resources.map((resource) => options.foundAs(server.base, resource)), gaps: [] }
  }
  if (!NOT_OFFERED.has(everything.status)) throw refusal(everything.status, path)
  return bySearches(id, types, options)
}

/** A search for each type; those that fail by one parameter are asked by the other. */
async function bySearches(id: string, types: readonly string[], options: HoldingsOptions): Promise<PatientHoldings> {
  const { server, paging, signal, foundAs } = options
  const found: Found[] = []
  let open = types.filter((type) => type !== 'Patient')
  for (const parameter of PARAMETERS) {
    const paths = new Map(open.map((type) => [type, `${type}?${parameter}=Patient/${id}&_count=${COUNT}`]))
    const reads = [...paths.values()].map((path): Read => ({ path }))
    const answers = await answersOf(server, reads, signal)
    const refused: string[] = []
    for (const [type, path] of paths) {
      const answer: Answer = answers.get(path) ?? { status: 404 }
      if (NOT_OFFERED.has(answer.status)) refused.push(type)
      else if (!isResource(answer.body, 'Bundle')) throw refusal(answer.status, path)
      else for (const resource of await searched(answer.body, path, paging)) found.push(foundAs(server.base, resource))
    }
    open = refused
  }
  for (const type of open) server.issues.push(gapIssue(type))
  return { found, gaps: open.map((type) => ({ type, reason: 'unavailable' })) }
}

function gapIssue(type: string): Issue {
  return {
    severity: 'warning',
    code: 'not-supported',
    text: `The FHIR server does not search ${type} by patient, so what it has of that type is not in the document`,
    rule: 'type-not-searched',
  }
}
