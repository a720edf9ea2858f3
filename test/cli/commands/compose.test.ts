/** `compose --graph` and `--profile`: what a graph takes in, and one that is refused; a profile that is asked for. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fixture, newFolder, running, type Ran } from '../running.ts'

const path = join(newFolder(), 'graph.json')
const graph = { resourceType: 'GraphDefinition', url: 'https://graphs.example/g', start: 'Composition' }
const compose = ['compose', `${fixture}composition.json`, '--source', `${fixture}resources`]
const count = ({ out }: Ran): number => (JSON.parse(out) as { entry: unknown[] }).entry.length

it('a graph says what comes in, in place of all secondary references', async () => {
  writeFileSync(path, JSON.stringify(graph))
  const [all, narrow] = await Promise.all([running(compose), running([...compose, '--graph', path])])
  expect([narrow.exit, count(narrow) < count(all), count(narrow) > 1]).toEqual([0, true, true])
})

it('a graph that starts elsewhere is refused', async () => {
  writeFileSync(path, JSON.stringify({ ...graph, start: 'Patient' }))
  const { exit, err } = await running([...compose, '--graph', path])
  expect([exit, err]).toEqual([1, expect.stringContaining('The graph starts at Patient')])
})

it('a profile that is asked for is kept, or what breaks it is told beside the document', async () => {
  const ips = 'http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips'
  const ran = await running([...compose, '--profile', ips])
  expect([ran.exit, count(ran) > 1, ran.err]).toEqual([1, true, expect.stringContaining('(profile-min)')])
})
