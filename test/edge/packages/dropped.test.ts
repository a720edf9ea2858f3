/** Packages that a user drops in are compiled once, found by canonical, and named where they are at fault. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { loadDefinitions } from '../../../src/edge/packages.ts'

const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-packages-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const BASE = 'https://clinic.example/fhir/StructureDefinition/'

function profile(name: string, base: string, more: object = {}) {
  return {
    resourceType: 'StructureDefinition',
    url: BASE + name,
    version: '1.0.0',
    name,
    status: 'active',
    fhirVersion: '4.0.1',
    kind: 'resource',
    abstract: false,
    type: 'Patient',
    baseDefinition: base,
    derivation: 'constraint',
    differential: { element: [{ id: 'Patient.birthDate', path: 'Patient.birthDate', min: 1 }] },
    ...more,
  }
}

const PATIENT = 'http://hl7.org/fhir/StructureDefinition/Patient'

function packageJson(name: string, version = '1.0.0', dependencies: object = {}) {
  return JSON.stringify({ name, version, fhirVersions: ['4.0.1'], dependencies })
}

function drop(name: string, files: Readonly<Record<string, string | Buffer>>) {
  const own = mkdtempSync(join(folder, 'drop-'))
  const at = join(own, name)
  mkdirSync(at, { recursive: true })
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(at, file, '..'), { recursive: true })
    writeFileSync(join(at, file), text)
  }
  return own
}

/** An archive with one file for each name. */
function archive(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const header = Buffer.alloc(512)
    header.write(name, 0)
    header.write(Buffer.byteLength(text).toString(8).padStart(11, '0'), 124)
    header.write('0', 156)
    const body = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 512) * 512)
    body.write(text)
    return [header, body]
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}

async function library(...profiles: readonly string[]) {
  return (await loadDefinitions({ profiles, cache: join(folder, 'cache') })).library
}

describe('a package is', () => {
  const json = JSON.stringify(profile('born', PATIENT))
  it.each([
    [
      'a folder with package.json',
      drop('a', { 'package.json': packageJson('a'), 'StructureDefinition-born.json': json }),
    ],
    ['a folder with package/', drop('b', { 'package/package.json': packageJson('b'), 'package/x.json': json })],
    ['a folder of ndjson.gz', drop('c-1.0.0', { 'StructureDefinition.ndjson.gz': gzipSync(`${json}\n`) })],
  ])('%s', async (_, at) => {
    const found = await library(at)
    const structure = found.structure(`${BASE}born`)
    expect(structure?.elements.find(({ id }) => id === 'Patient.birthDate')?.min).toBe(1)
    expect(found.structure(`${BASE}born|1.0.0`)).toBe(structure)
    expect(found.structure(`${BASE}born|2.0.0`)).toBeUndefined()
    expect(found.faults).toEqual([])
  })

  it('a .tgz', async () => {
    const bytes = archive({ 'package/package.json': packageJson('d'), 'package/StructureDefinition-born.json': json })
    const found = await library(drop('.', { 'd.tgz': bytes }))
    expect(found.structure(`${BASE}born`)?.package).toBe('d#1.0.0')
  })
})

describe('what is at fault is named', () => {
  it('a base that is not at hand', async () => {
    const files = {
      'package.json': packageJson('e'),
      'StructureDefinition-x.json': JSON.stringify(profile('x', `${BASE}none`)),
    }
    const found = await library(drop('e', files))
    expect(found.faults).toMatchObject([{ package: 'e#1.0.0', url: `${BASE}x` }])
    expect(found.faults[0]?.text).toContain(`${BASE}none`)
    expect(() => found.structure(`${BASE}x`)).toThrow(/not at hand/)
  })

  it('a file that is no JSON', async () => {
    const found = await library(drop('f', { 'package.json': packageJson('f'), 'StructureDefinition-x.json': '{' }))
    expect(found.faults.map((fault) => fault.package)).toEqual(['f#1.0.0'])
    expect(found.faults[0]?.text).toContain('StructureDefinition-x.json')
  })

  it('a profile that stands on itself', async () => {
    const text = JSON.stringify(profile('x', `${BASE}x`))
    const found = await library(drop('g', { 'package.json': packageJson('g'), 'StructureDefinition-x.json': text }))
    expect(() => found.structure(`${BASE}x`)).toThrow(/stands on itself/)
  })

  it.each([
    ['an archive that names a file outside itself', archive({ 'package/../../x.json': '{}' }), /outside itself/],
    ['an archive that is none', Buffer.from('nothing'), /cannot be unpacked/],
    ['an archive without package.json', archive({ 'package/x.json': '{}' }), /no package\.json/],
  ])('%s', async (_, bytes, text) => {
    const { faults } = await library(drop('.', { 'h.tgz': bytes }))
    expect(faults.map((fault) => fault.package)).toEqual(['h.tgz'])
    expect(faults[0]?.text).toMatch(text)
  })
})

describe('a canonical without version is', () => {
  const at = (name: string, version: string, dependencies = {}): Readonly<Record<string, string>> => ({
    [`${name}/package.json`]: packageJson(name, version, dependencies),
    [`${name}/StructureDefinition-x.json`]: JSON.stringify(profile('x', PATIENT, { version, title: version })),
  })

  it('the latest, or the one that the package asking depends on', async () => {
    const own = drop('.', {
      ...Object.fromEntries(Object.entries(at('lib', '1.0.2')).map(([name, text]) => [`one-${name}`, text])),
      ...Object.fromEntries(Object.entries(at('lib', '1.1.0')).map(([name, text]) => [`two-${name}`, text])),
      'user/package.json': packageJson('user', '1.0.0', { lib: '1.0.x' }),
      'user/StructureDefinition-y.json': JSON.stringify(profile('y', `${BASE}x`)),
    })
    const found = await library(own)
    expect(found.structure(`${BASE}x`)?.title).toBe('1.1.0')
    expect(found.structure(`${BASE}x`, found.structure(`${BASE}y`))?.title).toBe('1.0.2')
  })
})
