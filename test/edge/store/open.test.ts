/** What a person writes names a source. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reading } from '../../model.ts'
import { openSource } from '../../../src/edge/store/open.ts'
import { folder, idsOf, patient, root } from './files.ts'

describe('openSource', () => {
  it('knows a folder, a Bundle, a single resource, a file of lines and a base URL', async () => {
    const path = await folder('kinds', {
      'b.json': `{"resourceType":"Bundle","type":"collection","entry":[{"resource":${patient('a')}}]}`,
      'p.json': patient('a'),
      'l.ndjson': patient('a'),
    })
    const opened = await Promise.all(
      [path, join(path, 'b.json'), join(path, 'p.json'), join(path, 'l.ndjson')].map((one) => openSource(one, reading)),
    )
    expect(opened.map(({ name }) => name)).toEqual(['kinds', 'b.json', 'p.json', 'l.ndjson'])
    for (const source of opened.slice(1)) expect(await idsOf(source, 'a')).toEqual([1])
    expect((await openSource('https://h.example/fhir/', reading)).base).toBe('https://h.example/fhir')
  })

  it.each([
    ['nowhere.json', undefined, 'not-found'],
    ['broken.json', '{', 'structure'],
    ['plain.json', '{"a":1}', 'structure'],
  ])('%s is refused in words without the path', async (file, text, code) => {
    const path = join(root, file)
    if (text !== undefined) await writeFile(path, text)
    const error: unknown = await openSource(path, reading).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ issues: [{ code }] })
    expect((error as Error).message).toContain(file)
    expect((error as Error).message).not.toContain(root)
  })
})
