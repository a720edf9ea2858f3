/** A folder as a source: what it passes over, what it refuses, and what it says. */

import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reading } from '../../model.ts'
import { directorySource } from '../../../src/edge/store/directory.ts'
import { folder, idsOf, patient, root } from './files.ts'

describe('a folder', () => {
  it('passes over what is no FHIR resource with a warning that names the file within the folder', async () => {
    const path = await folder('mixed', {
      'a.json': patient('a'),
      'sub/b.json': '{"name":"x"}',
      'c.json': 'no json',
      'd.txt': 'x',
      '.e.json': 'x',
      'f.json.gz': 'packed',
    })
    const source = directorySource(path, reading)
    expect(await idsOf(source, 'a')).toEqual([1])
    expect(source.issues?.().map(({ severity, text }) => `${severity} ${text}`)).toEqual([
      'warning mixed/f.json.gz is passed over: it is packed, expected it unpacked or as .ndjson.gz',
      'warning mixed/c.json is passed over: it is no FHIR resource in JSON',
      'warning mixed/sub/b.json is passed over: it is no FHIR resource in JSON',
    ])
  })

  it('says as an error which file it cannot read', async () => {
    const path = await folder('broken', { 'a.json': patient('a') })
    await symlink(join(root, 'nothing'), join(path, 'b.json'))
    const source = directorySource(path, reading)
    expect(await idsOf(source, 'a', 'b')).toEqual([1, 0])
    expect(source.issues?.()).toMatchObject([
      { severity: 'error', code: 'no-store', text: 'broken/b.json cannot be read (ENOENT)' },
    ])
  })

  it('that is not there is an error among the issues', async () => {
    const source = directorySource(join(root, 'nowhere'), reading)
    expect(await idsOf(source, 'a')).toEqual([0])
    expect(source.issues?.()).toMatchObject([
      { severity: 'error', code: 'no-store', text: 'nowhere cannot be read (ENOENT)' },
    ])
  })

  it('gives the entries of a collection by their fullUrl, and a document as the one resource that it is', async () => {
    const entry = `"entry":[{"fullUrl":"urn:uuid:1","resource":${patient('in')}}]`
    const path = await folder('bundles', {
      'collection.json': `{"resourceType":"Bundle","type":"collection",${entry}}`,
      'document.json': `{"resourceType":"Bundle","id":"d","type":"document",${entry.replace('in', 'frozen')}}`,
      'lines.ndjson': `${patient('l')}\n`,
    })
    const source = directorySource(path, reading)
    expect(await idsOf(source, 'in', 'frozen', 'l')).toEqual([1, 0, 1])
    const [byUrl, document] = await source.read([
      { by: 'url', url: 'urn:uuid:1' },
      { by: 'id', type: 'Bundle', id: 'd' },
    ])
    expect([byUrl?.length, document?.length]).toEqual([1, 1])
  })

  it('refuses a file that is JSON for some but not sound, when it is asked for, and names it', async () => {
    const path = await folder('unsound', { 'a.json': '{"resourceType":"Patient","id":"a","id":"a"}' })
    await expect(idsOf(directorySource(path, reading), 'a')).rejects.toThrow(
      /^unsound\/a\.json: The member "id" stands twice/,
    )
  })

  it('collapses a copy, and keeps and reports two contents of one version', async () => {
    const version = ',"meta":{"versionId":"1"}'
    const path = await folder('copies', {
      'a.json': patient('a', version),
      'b.json': `  ${patient('a', version)}`,
      'c.json': patient('c', version),
      'd.json': patient('c', `${version},"active":true`),
      'e.json': patient('e', version),
      'f.json': patient('e', ',"meta":{"versionId":"2"}'),
    })
    const source = directorySource(path, reading)
    expect(await idsOf(source, 'a', 'c', 'e')).toEqual([1, 2, 2])
    expect(source.issues?.()).toMatchObject([
      { severity: 'warning', code: 'duplicate', rule: 'contradictory-duplicate' },
    ])
    expect(source.issues?.()[0]?.text).toContain('Patient/c')
  })

  it('of 3,000 files is indexed in seconds', async () => {
    const path = await folder(
      'many',
      Object.fromEntries(Array.from({ length: 3_000 }, (_, id) => [`${id % 50}/${id}.json`, patient(String(id))])),
    )
    const start = performance.now()
    expect(await idsOf(directorySource(path, reading), '0', '2999', '3000')).toEqual([1, 1, 0])
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})
