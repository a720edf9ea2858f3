/** Which rows a path means: literal segments before variables. */

import type { Route } from './route.ts'

/** The variables of a path. */
export interface Variables {
  readonly type: string
  readonly id: string
  readonly vid: string
}

/** What is found by its path. */
export type Placed = Pick<Route, 'method' | 'path'>

export interface Match<R extends Placed = Route> {
  readonly route: R
  readonly variables: Variables
}

/** The rows that a path means, the nearest first; none where there is nothing at the path. */
export type Matcher<R extends Placed> = (path: string) => readonly Match<R>[]

/** How the value of each variable looks: what begins with `$` or `_` is never one. */
const VARIABLES: Readonly<Record<string, RegExp>> = {
  ':type': /^[A-Z][A-Za-z]*$/,
  ':id': /^[^$_]/,
  ':vid': /^[^$_]/,
}

interface Pattern<R> {
  readonly route: R
  readonly segments: readonly string[]
}

/** A matcher over the rows given. */
export function matcher<R extends Placed>(routes: readonly R[]): Matcher<R> {
  const patterns = routes.map((route): Pattern<R> => ({
    route,
    segments: route.path.replace(/\/$/, '').split('/').slice(1),
  }))
  const byLength = new Map(
    [...Map.groupBy(patterns, ({ segments }) => segments.length)].map(([length, some]) => [
      length,
      some.toSorted(byVariables),
    ]),
  )
  return (path) => {
    const segments = segmentsOf(path)
    if (segments === undefined) return []
    return (byLength.get(segments.length) ?? []).flatMap((pattern) => {
      const variables = variablesOf(pattern, segments)
      return variables === undefined ? [] : [{ route: pattern.route, variables }]
    })
  }
}

/** The methods that are answered where the rows given are. */
export function methodsOf(matches: readonly Match<Placed>[]): readonly string[] {
  const methods = new Set<string>(matches.map(({ route }) => route.method))
  return [...(methods.has('GET') ? ['GET', 'HEAD'] : []), ...[...methods].filter((method) => method !== 'GET')]
}

/** Of two patterns of one length, the one that is literal where they first differ in kind goes first. */
function byVariables(one: Pattern<unknown>, other: Pattern<unknown>): number {
  for (const [index, segment] of one.segments.entries()) {
    const difference = Number(isVariable(segment)) - Number(isVariable(other.segments[index] ?? ''))
    if (difference !== 0) return difference
  }
  return 0
}

function isVariable(segment: string): boolean {
  return segment.startsWith(':')
}

/** Decoded; a slash at the end means nothing. */
function segmentsOf(path: string): readonly string[] | undefined {
  try {
    return path.replace(/\/$/, '').split('/').slice(1).map(decodeURIComponent)
  } catch {
    return undefined
  }
}

function variablesOf({ segments }: Pattern<unknown>, given: readonly string[]): Variables | undefined {
  const variables: Record<string, string> = {}
  for (const [index, segment] of segments.entries()) {
    const value = given[index] ?? ''
    if (!isVariable(segment)) {
      if (segment !== value) return undefined
    } else if (VARIABLES[segment]?.test(value) === true) variables[segment.slice(1)] = value
    else return undefined
  }
  return { type: '', id: '', vid: '', ...variables }
}
