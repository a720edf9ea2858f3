/** A Composition with what it refers to itself, by one search with `_include`: a wave of reads less. @see https://hl7.org/fhir/R4/search.html#include */

import { isBundle, isResource } from '../../fhir/types.ts'
import type { Answer } from './exchange.ts'
import { objects } from './search-pages.ts'
import { isWhole, type Answers, type Server } from './wave.ts'

const PARAMETERS = ['subject', 'author', 'encounter', 'attester', 'entry'] as const
const COMPOSITION = /^Composition\/([A-Za-z0-9.-]+)$/

/**
 * The answers to reads that a search gave ahead of them; none for what is no Composition, or where the server does not
 * answer the search with the Composition: then the reads themselves say why.
 */
export async function included(server: Server, path: string, signal: AbortSignal): Promise<Answers> {
  const [, id] = COMPOSITION.exec(path) ?? []
  if (id === undefined || server.noIncludeUntilMs > performance.now()) return new Map()
  const includes = PARAMETERS.map((name) => `_include=Composition:${name}`).join('&')
  const answer = server.exchange({ path: `Composition?_id=${id}&${includes}` }, signal)
  // the reads that follow say what is wrong, if it still is
  const { status, body } = await answer.catch((): Answer => ({ status: 0 }))
  const resources = objects(isBundle(body) ? body.entry : []).flatMap(({ resource }) =>
    isResource(resource) && resource.id !== undefined && isWhole(resource) ? [resource] : [],
  )
  const isUnderstood = resources
    .filter(({ resourceType }) => resourceType === 'Composition')
    .every((one) => one.id === id)
  if (status !== 200 || !isUnderstood) server.noIncludeUntilMs = performance.now() + 600_000
  const isThere = isUnderstood && resources.some(({ resourceType }) => resourceType === 'Composition')
  return new Map(isThere ? resources.map((one) => [`${one.resourceType}/${one.id}`, { status: 200, body: one }]) : [])
}
