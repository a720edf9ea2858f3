/** What holds for every graph of resources, whatever its references look like. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Held } from '../../src/edge/store/memory.ts'
import { stringify } from '../../src/fhir/json.ts'
import { frozen } from '../../src/fhir/memo.ts'
import { occurrences } from '../../src/fhir/occurrence.ts'
import { indexBundle, resolve } from '../../src/fhir/reference.ts'
import type { JsonObject } from '../../src/fhir/types.ts'
import type { Collection } from '../../src/collect/collect.ts'
import { model } from '../model.ts'
import { collecting, composition, resource, to } from './composing.ts'

const BASE = 'http://h/fhir'

/** A resource of the graph: where it refers to, how it writes that, and how its source names it. */
interface Vertex {
  readonly targets: readonly number[]
  readonly writes: 'relative' | 'absolute' | 'versioned' | 'extension' | 'uri' | 'narrative'
}

interface Graph {
  readonly vertices: readonly Vertex[]
  /** Which the Composition refers to. */
  readonly roots: readonly number[]
  readonly names: 'none' | 'rest' | 'urn'
}

const graphs: fc.Arbitrary<Graph> = fc.record({
  vertices: fc.array(
    fc.record({
      targets: fc.array(fc.nat(14), { maxLength: 4 }),
      writes: fc.constantFrom('relative', 'absolute', 'versioned', 'extension', 'uri', 'narrative'),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  roots: fc.array(fc.nat(14), { maxLength: 5 }),
  names: fc.constantFrom('none', 'rest', 'urn'),
})

const urlOf = (names: Graph['names'], id: number): string =>
  names === 'urn' ? `urn:uuid:${id}` : `${BASE}/Observation/${id}`

/** A reference as text: absolute ones need a URL, versioned ones need a place for the version. */
function text(names: Graph['names'], writes: Vertex['writes'], id: number): string {
  if (names === 'urn') return `urn:uuid:${id}`
  if (writes === 'absolute' && names === 'rest') return `${BASE}/Observation/${id}`
  return `Observation/${id}${writes === 'versioned' ? `/_history/v${id}` : ''}`
}

function members({ targets, writes }: Vertex, names: Graph['names']): JsonObject {
  const texts = targets.map((id) => text(names, writes, id))
  if (writes === 'extension') return { extension: texts.map((one) => ({ url: 'u', valueReference: to(one) })) }
  if (writes === 'uri') return { extension: texts.map((one) => ({ url: 'u', valueUri: one })) }
  if (writes !== 'narrative') return { hasMember: texts.map(to) }
  const links = texts.map((one) => `<a href="${one}">x</a>`).join('')
  return { text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${links}</p></div>` } }
}

function heldOf({ vertices, names }: Graph): readonly Held[] {
  return vertices.map((vertex, id) => ({
    resource: resource(`Observation/${id}/v${id}`, members(vertex, names)),
    ...(names !== 'none' && { url: urlOf(names, id) }),
  }))
}

function composed(graph: Graph, held: readonly Held[], fullUrl: 'rest' | 'uuid'): Promise<Collection> {
  const from = composition(
    graph.roots.map((id) => (graph.names === 'none' ? `Observation/${id}` : urlOf(graph.names, id))),
  )
  const { subject: _subject, ...withoutSubject } = from
  return collecting(withoutSubject, held, { fullUrl, base: 'http://base' })
}

/** What a closure by definition reaches, and what it cannot find: kept as simple as can be. */
function expected({ vertices, roots }: Graph): {
  readonly reached: ReadonlySet<number>
  readonly missing: ReadonlySet<number>
} {
  const reached = new Set<number>()
  const missing = new Set<number>()
  const visit = (id: number): void => {
    const vertex = vertices[id]
    if (vertex === undefined) missing.add(id)
    if (vertex === undefined || reached.has(id)) return
    reached.add(id)
    if (vertex.writes !== 'uri' && vertex.writes !== 'narrative') vertex.targets.forEach(visit)
  }
  roots.forEach(visit)
  return { reached, missing }
}

describe.each(['rest', 'uuid'] as const)('every graph, named by %s', (fullUrl) => {
  it('gives the Composition first, each reachable resource once, and reports each missing one', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        const { bundle, issues } = await composed(graph, heldOf(graph), fullUrl)
        const [first, ...others] = (bundle.entry ?? []).map(({ resource: one }) => one)
        const { reached, missing } = expected(graph)
        expect(first?.resourceType).toBe('Composition')
        expect(others.map((one) => Number(one?.id)).sort((a, b) => a - b)).toEqual([...reached].sort((a, b) => a - b))
        const reported = issues.map((issue) => Number(/(\d+)(?:\/_history\/v\d+)? is missing/.exec(issue.text)?.[1]))
        expect(new Set(reported)).toEqual(missing)
        const direct = issues.filter(({ severity }) => severity === 'error')
        expect(new Set(direct.map(({ expression }) => expression)).size).toBe(
          new Set(graph.roots.filter((id) => missing.has(id))).size,
        )
      }),
    )
  })

  it('says with each rewritten reference what it said before', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        const { bundle, receipt } = await composed(graph, heldOf(graph), fullUrl)
        const index = indexBundle(bundle)
        const after = (bundle.entry ?? []).flatMap(({ resource: one, fullUrl: at }) =>
          one === undefined
            ? []
            : occurrences(one, model).map(({ value }) => resolve(index, value, { fullUrl: at, container: one })),
        )
        expect(after).toHaveLength(receipt.references.length)
        for (const [at, { value, decision }] of receipt.references.entries()) {
          const resolution = after[at]
          const meant = /(\d+)(?:\/_history\/v\d+)?$/.exec(value)?.[1]
          if (decision === 'included')
            expect(resolution?.outcome === 'entry' && resolution.entry.resource.id).toBe(meant)
          else expect(resolution?.outcome).not.toBe('entry')
        }
      }),
    )
  })

  it('gives the same from resources that are remembered', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, graphs, async (graph, other) => {
        const held = heldOf(graph).map((one) => ({ ...one, resource: frozen(one.resource) }))
        const anew = await composed(graph, heldOf(graph), fullUrl)
        expect(await composed(graph, held, fullUrl)).toEqual(anew)
        // the same resources in another document in between
        const roots = { ...graph, roots: other.roots }
        expect(await composed(roots, held, fullUrl)).toEqual(await composed(roots, heldOf(graph), fullUrl))
        expect(await composed(graph, held, fullUrl)).toEqual(anew)
      }),
    )
  })

  it('is left as it was, and gives the same document each time', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        const held = heldOf(graph)
        const before = JSON.stringify(held)
        const one = await composed(graph, held, fullUrl)
        expect(JSON.stringify(held)).toBe(before)
        const other = await composed(graph, heldOf(graph), fullUrl)
        expect(stringify(other.bundle)).toBe(stringify(one.bundle))
        expect(other.receipt).toEqual(one.receipt)
      }),
    )
  })
})
