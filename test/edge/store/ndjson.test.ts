/** A file of one resource a line as a source. */

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ndjsonSource } from '../../../src/edge/store/ndjson.ts'
import { folder, idsOf, patient, root } from './files.ts'

describe('a file of lines', () => {
  it('passes over a broken line and says which', async () => {
    const path = await folder('lines', { 'x.ndjson': `${patient('a')}\n{"resourceType":\n\n${patient('ü')}` })
    const source = ndjsonSource('x.ndjson', join(path, 'x.ndjson'))
    expect(await idsOf(source, 'a', 'ü')).toEqual([1, 1])
    expect(source.issues?.().map(({ text }) => text)).toEqual([
      'x.ndjson, line 2 is passed over: it is no FHIR resource in JSON',
    ])
  })

  it('reads lines across the borders of its chunks', async () => {
    const long = 'x'.repeat(700_000)
    const path = await folder('long', {
      'x.ndjson': ['a', 'b', 'c', 'd'].map((id) => patient(id, `,"text":"${long}"`)).join('\n'),
    })
    const source = ndjsonSource('x.ndjson', join(path, 'x.ndjson'))
    expect(await idsOf(source, 'a', 'b', 'c', 'd')).toEqual([1, 1, 1, 1])
  })

  it('that is not there is an error', async () => {
    await expect(idsOf(ndjsonSource('x', join(root, 'x.ndjson')), 'a')).rejects.toMatchObject({
      issues: [{ code: 'no-store' }],
    })
  })
})
