/** What is given beside the matches: the resources that they refer to, or that refer to them. @see https://hl7.org/fhir/R4/search.html#include */

import { fail } from '../../../fhir/error.ts'
import type { Key } from '../../../ports.ts'
import { builder, sql, type Query } from '../sql/query.ts'
import type { Session } from '../sql/session.ts'
import {
  isSearchable,
  parameterName,
  parameterNumber,
  parameterOf,
  searchParametersOf,
  type SearchModel,
} from './definitions.ts'
import { aliased, among, refersTo, type Findable } from './filter.ts'
import { badValue, type Sql } from './matching.ts'

/** One `_include` or `_revinclude`. */
export interface Inclusion {
  readonly mode: 'forward' | 'reverse' | 'forward iterate' | 'reverse iterate'
  /** The parameters whose references are followed, by their numbers in the index; all where absent. */
  readonly numbers?: readonly number[]
  /** Only references to resources of this type. */
  readonly target?: string
}

/** A resource of the store with its number. */
export interface Held extends Key {
  readonly rid: number
}

/** More than that is no answer to a person's question; it is refused, never cut off. */
const MAX_INCLUDED = 10_000
const MAX_ITERATIONS = 20
/** So many numbers stand in one statement. */
const MAX_LISTED = 500

interface InclusionReading {
  readonly mode: Inclusion['mode']
  readonly types: readonly string[]
  readonly search: SearchModel
}

/** The inclusion of `Type:parameter:Target`; undefined where no such parameter is known. @throws FhirError `value` */
export function inclusionOf(value: string, { mode, search }: InclusionReading): Inclusion | undefined {
  if (value === '*') return mode.startsWith('forward') ? { mode } : { mode, numbers: allReferences(search) }
  const [type = '', code = '', target, ...more] = value.split(':')
  if (code === '' || more.length > 0 || target === '' || !isSearchable(search, type)) {
    throw badValue(
      { name: mode.startsWith('forward') ? '_include' : '_revinclude' },
      'Type:parameter or Type:parameter:Target',
    )
  }
  const own = { mode, ...(target !== undefined && { target }) }
  if (code === '*') return { ...own, numbers: referencesOf(type, search) }
  const parameter = parameterOf(search, type, code)
  if (parameter?.type !== 'reference') return undefined
  return { ...own, numbers: [parameterNumber(parameterName(search, type, code))] }
}

function referencesOf(type: string, search: SearchModel): readonly number[] {
  return searchParametersOf(search, type)
    .filter(([, parameter]) => parameter.type === 'reference')
    .map(([code]) => parameterNumber(parameterName(search, type, code)))
}

function allReferences(search: SearchModel): readonly number[] {
  const types = Object.keys(search.definitions.types).filter((type) => isSearchable(search, type))
  return [...new Set(types.flatMap((type) => referencesOf(type, search)))]
}

/** What the inclusions add to the matches, each once, no match among them. @throws FhirError `too-costly` */
export async function included(
  matches: readonly Held[],
  { inclusions, findable }: { readonly inclusions: readonly Inclusion[]; readonly findable?: Findable | undefined },
  session: Session,
): Promise<readonly Held[]> {
  const known = new Set(matches.map(({ rid }) => rid))
  const found: Held[] = []
  const follow = async (from: readonly Held[], some: readonly Inclusion[]): Promise<readonly Held[]> => {
    const fresh: Held[] = []
    for (const inclusion of some) {
      for (const held of await followed(from, { ...inclusion, findable }, session)) {
        if (known.has(held.rid)) continue
        known.add(held.rid)
        fresh.push(held)
      }
    }
    found.push(...fresh)
    if (found.length > MAX_INCLUDED) throw tooMany()
    return fresh
  }
  const iterated = inclusions.filter(({ mode }) => mode.endsWith('iterate'))
  let wave = await follow(matches, inclusions)
  for (let round = 0; wave.length > 0 && iterated.length > 0; round++) {
    if (round === MAX_ITERATIONS) throw tooMany()
    wave = await follow(wave, iterated)
  }
  return found
}

function tooMany(): Error {
  return fail(
    'too-costly',
    `The inclusions lead to more than ${MAX_INCLUDED} resources, expected fewer, or a smaller _count`,
  )
}

/** An inclusion of what may be found. */
type Following = Inclusion & { readonly findable: Findable | undefined }

async function followed(from: readonly Held[], inclusion: Following, session: Session): Promise<readonly Held[]> {
  const found: Held[] = []
  for (let start = 0; start < from.length; start += MAX_LISTED) {
    const query = step(from.slice(start, start + MAX_LISTED), inclusion)
    const compiled = query.compile(builder(session.dialect)) as Query<Held>
    found.push(...(await session.rows(compiled)).map(({ rid, type, id }) => ({ rid: Number(rid), type, id })))
  }
  return found
}

function step(from: readonly Held[], { mode, numbers, target, findable }: Following): Sql {
  const f = aliased('search_reference', 'f')
  const s = aliased('resource', 's')
  const t = aliased('resource', 't')
  const [known, sought] = mode.startsWith('forward') ? [s, t] : [t, s]
  // Those of resources inside documents have negative numbers, and what is no parameter has a type of its own.
  const param =
    numbers === undefined
      ? sql`${f.column('param')} >= 0 and ${f.column('inner')} is null`
      : among(f.column('param'), numbers)
  const typed = target === undefined ? sql`` : sql` and ${f.column('type')} = ${target}`
  const rids = from.map(({ rid }) => rid)
  return sql`select distinct ${sought.column('rid')} as rid, ${sought.column('type')} as type, ${sought.column('id')} as id
    from ${known.from} cross join ${f.from} cross join ${sought.from}
    where ${among(known.column('rid'), rids)} and ${f.column('rid')} = ${s.column('rid')} and ${param}${typed}
      and ${refersTo(f.column, t.column)}
      and ${sought.column('deleted')} = 0${findable === undefined ? sql`` : sql` and ${findable(sought.column('rid'))}`} order by 1`
}
