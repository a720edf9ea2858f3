/**
 * A FHIR server as a source: a wave of reads in as few exchanges as the server allows, and no address off its base.
 * @see https://hl7.org/fhir/R4/http.html
 */

import { fail } from '../../fhir/error.ts'
import type { Issue } from '../../fhir/issue.ts'
import { stringify } from '../../fhir/json.ts'
import { identifiersOf, parseReference } from '../../fhir/reference.ts'
import { isObject, isResource, type Resource } from '../../fhir/types.ts'
import type { Found, Reading, Source, Target } from '../../ports.ts'
import { exchangeWith, refusal, type Answer, type ExchangeOptions } from './exchange.ts'
import { included } from './included.ts'
import { objects, searched, type Paging } from './search-pages.ts'
import { patientHoldings } from './patient-holdings.ts'
import { answersOf, MAX_QUERY, type Answers, type Read, type Server, type WaveOptions } from './wave.ts'

export interface RestOptions extends ExchangeOptions, WaveOptions {
  /** The most pages of one search (100). */
  readonly maxPages?: number
  /** For one wave of reads with all its requests, pages and repetitions (120,000). */
  readonly totalMs?: number
}

const defaults = { maxPages: 100, totalMs: 120_000 } as const
const ID = /^(?!\.{1,2}$)[A-Za-z0-9.-]{1,64}$/
const TYPE = /^[A-Z][A-Za-z]{1,63}$/
const ABSENT: ReadonlySet<number> = new Set([404, 410])
/** Answers of a server that does not offer a search. */
const NO_SEARCH: ReadonlySet<number> = new Set([400, 404, 405, 422, 501])

/**
 * A source of the resources below a base URL.
 * @throws FhirError `value` where the text is no such URL
 */
export function restSource(url: string, options: RestOptions = {}): Source {
  const base = url.replace(/\/+$/, '')
  if (!URL.canParse(base) || /[?#@\s]/.test(base))
    throw fail('value', 'The FHIR base is no http URL without user, query and fragment')
  const exchange = exchangeWith(base, options)
  const server: Upstream = {
    base,
    options,
    exchange,
    noBatchUntilMs: 0,
    noIdSearchUntilMs: 0,
    noIncludeUntilMs: 0,
    issues: [],
  }
  const source = {
    name: base,
    base,
    provenances: provenances(server),
    record: (patient: Found, types: readonly string[]) => {
      const signal = deadlineOf(server)
      return patientHoldings(patient, types, { server, paging: pagingOf(server, signal), signal, foundAs })
    },
    issues: () => server.issues,
    wasDeleted: async (target: Target): Promise<boolean> => {
      const path = pathOf(base, target)
      return path !== undefined && (await exchange({ path }, deadlineOf(server))).status === 410
    },
  }
  return { ...source, read: (targets) => read(server, targets, new Map()), begin: () => reading(server, source) }
}

interface Upstream extends Server {
  readonly options: RestOptions
  readonly issues: Issue[]
}

/** The time that one question to the source may take. */
function deadlineOf({ options }: Upstream): AbortSignal {
  return AbortSignal.timeout(options.totalMs ?? defaults.totalMs)
}

/** The source for one document: the Composition's own targets come with it, and at the end what was read is compared. */
function reading(server: Upstream, source: Omit<Source, 'read'>): Reading {
  const current = new Map<string, Resource>()
  const note = (founds: readonly Found[]): void => {
    for (const { resource } of founds) current.set(`${resource.resourceType}/${resource.id ?? ''}`, resource)
  }
  let ahead: Answers = new Map()
  return {
    ...source,
    read: async (targets) => {
      const [only] = targets.length === 1 ? targets.map((target) => pathOf(server.base, target)) : []
      if (only !== undefined && ahead.size === 0) ahead = await included(server, only, deadlineOf(server))
      const answers = await read(server, targets, ahead)
      answers.forEach((founds, place) => {
        const target = targets[place]
        if (target?.by === 'identifier' || target?.version === undefined) note(founds)
      })
      return answers
    },
    provenances: async (targets) => {
      const founds = await source.provenances(targets)
      note(founds)
      return founds
    },
    ...(source.record !== undefined && {
      record: async (patient: Found, types: readonly string[]) => {
        const holdings = await source.record?.(patient, types)
        note(holdings?.found ?? [])
        return holdings ?? { found: [], gaps: [] }
      },
    }),
    holds: () => isUnchanged(server, current),
  }
}

/** Whether each resource still is what it was: one that has no versionId is compared as a whole. */
async function isUnchanged(server: Upstream, known: ReadonlyMap<string, Resource>): Promise<boolean> {
  const reads = Array.from(known, ([path, { meta }]): Read => {
    const version = meta?.versionId
    return typeof version === 'string' ? { path, ifNoneMatch: `W/"${version}"` } : { path }
  })
  const answers = await answersOf(server, reads, deadlineOf(server))
  return reads.every(({ path }) => isSame(answers.get(path), known.get(path), path))
}

function isSame(answer: Answer | undefined, known: Resource | undefined, path: string): boolean {
  if (answer === undefined || known === undefined || ABSENT.has(answer.status)) return false
  if (answer.status === 304) return true
  if (!isResource(answer.body)) throw refusal(answer.status, path)
  const version = answer.body.meta?.versionId
  if (version !== undefined && known.meta?.versionId !== undefined) return version === known.meta.versionId
  return stringify(answer.body) === stringify(known)
}

async function read(
  server: Upstream,
  targets: readonly Target[],
  ahead: Answers,
): Promise<readonly (readonly Found[])[]> {
  const signal = deadlineOf(server)
  const paths = targets.map((target) => pathOf(server.base, target))
  const asked = [...new Set(paths)].filter((path) => path !== undefined && !ahead.has(path)) as readonly string[]
  const answers = await answersOf(
    server,
    asked.map((path) => ({ path })),
    signal,
  )
  const answerTo = (path = ''): Answer | undefined => answers.get(path) ?? ahead.get(path)
  const paging = pagingOf(server, signal)
  return Promise.all(targets.map((target, place) => foundIn(answerTo(paths[place]), target, paging)))
}

function pagingOf({ base, exchange, options }: Upstream, signal: AbortSignal): Paging {
  const { maxPages = defaults.maxPages } = options
  return { base, maxPages, page: (path, name) => exchange({ path, name }, signal) }
}

/** The request for a target; undefined for what is not below the base. */
function pathOf(base: string, target: Target): string | undefined {
  if (target.by === 'identifier') {
    if (target.type === undefined || !TYPE.test(target.type)) return undefined
    const token = [target.system, target.value].map((part) => part.replace(/[\\|,$]/g, '\\$&')).join('|')
    return `${target.type}?identifier=${encodeURIComponent(token)}`
  }
  const named = target.by === 'id' ? target : below(base, target.url)
  if (named === undefined || !TYPE.test(named.type) || !ID.test(named.id)) return undefined
  if (target.version === undefined) return `${named.type}/${named.id}`
  return ID.test(target.version) ? `${named.type}/${named.id}/_history/${target.version}` : undefined
}

function below(base: string, url: string): { readonly type: string; readonly id: string } | undefined {
  const parsed = parseReference(url)
  return parsed.form === 'rest' && parsed.base === base ? parsed : undefined
}

async function foundIn(answer: Answer | undefined, target: Target, paging: Paging): Promise<readonly Found[]> {
  if (answer === undefined || ABSENT.has(answer.status)) return []
  const { base } = paging
  const path = pathOf(base, target) ?? ''
  if (!isResource(answer.body)) throw refusal(answer.status, path)
  if (target.by === 'identifier') {
    const hits = await searched(answer.body, path, paging)
    // A server that does not know the parameter answers with everything.
    return hits
      .filter((hit) => hit.resourceType === target.type && hasIdentifier(hit, target))
      .map((hit) => foundAs(base, hit))
  }
  const { type, id } = target.by === 'id' ? target : (below(base, target.url) ?? { type: '', id: '' })
  if (answer.body.resourceType !== type || answer.body.id !== id) {
    throw fail('no-store', `The FHIR server answered another resource to ${path}`)
  }
  const version = answer.body.meta?.versionId
  if (target.version !== undefined && version !== target.version) {
    throw fail('no-store', `The FHIR server answered version ${version ?? 'unknown'} to ${path}`)
  }
  return [foundAs(base, answer.body)]
}

function hasIdentifier(resource: Resource, { system, value }: Target & { by: 'identifier' }): boolean {
  return identifiersOf(resource).some((own) => isObject(own) && own.system === system && own.value === value)
}

function foundAs(base: string, resource: Resource): Found {
  const { resourceType, id } = resource
  return { resource, source: base, ...(id !== undefined && { url: `${base}/${resourceType}/${id}` }) }
}

function provenances(server: Upstream): Source['provenances'] {
  return async (targets) => {
    const { base } = server
    const names = targets.flatMap((target) => {
      const named = below(base, target)
      return named !== undefined && ID.test(named.id) ? [`${named.type}/${named.id}`] : []
    })
    const signal = deadlineOf(server)
    const found = new Map<string, Found>()
    const searches = provenanceSearches(names)
    for (const [path, answer] of await answersOf(server, searches, signal)) {
      if (NO_SEARCH.has(answer.status)) {
        if (server.issues.length === 0) server.issues.push(noProvenance)
        continue
      }
      if (!isResource(answer.body)) throw refusal(answer.status, path)
      for (const resource of await searched(answer.body, path, pagingOf(server, signal))) {
        if (isAbout(resource, names, base)) found.set(resource.id ?? '', foundAs(base, resource))
      }
    }
    return [...found.values()]
  }
}

/** Whether a Provenance has one of the targets: a server that does not know the parameter answers with every one. */
function isAbout({ resourceType, target }: Resource, names: readonly string[], base: string): boolean {
  if (resourceType !== 'Provenance') return false
  return objects(target).some(({ reference }) => {
    const parsed = typeof reference === 'string' ? parseReference(reference) : undefined
    const isOwn = parsed?.form === 'relative' || (parsed?.form === 'rest' && parsed.base === base)
    return isOwn && names.includes(`${parsed.type}/${parsed.id}`)
  })
}

const noProvenance: Issue = {
  severity: 'warning',
  code: 'not-supported',
  text: 'The FHIR server does not search Provenance by target, so the document may lack Provenance that it has',
  rule: 'no-provenance-search',
}

/** Searches for a long list of targets, each of a length that servers take. */
function provenanceSearches(names: readonly string[]): readonly Read[] {
  const paths: string[] = []
  for (const name of names) {
    const last = paths.at(-1)
    if (last === undefined || last.length + name.length + 1 > MAX_QUERY) paths.push(`Provenance?target=${name}`)
    else paths[paths.length - 1] = `${last},${name}`
  }
  return paths.map((path) => ({ path }))
}
