/** The command gives back the file that was rendered, and the same PDF comes of it again. */

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { embeddedFiles } from '../../../src/pdf/embedded.ts'
import { readPdf } from '../../../src/pdf/read.ts'
import { printedPdf } from '../../render/pdf/printed.ts'
import { running } from '../running.ts'

const folder = mkdtempSync(join(tmpdir(), 'extract-'))
const at = (name: string): string => join(folder, name)
const entry = { fullUrl: 'urn:uuid:1', resource: { resourceType: 'Composition', status: 'final', title: 'A' } }
const text = `\ufeff${JSON.stringify({ resourceType: 'Bundle', type: 'document', entry: [entry] }, null, 3)}\n`
writeFileSync(at('document.json'), text)

describe('extract', () => {
  it('gives the file back, and rendering it again the same PDF', async () => {
    expect(await running(['render', at('document.json'), '--out', at('a.pdf')])).toMatchObject({ err: '' })
    expect(await running(['extract', at('a.pdf'), '--out', at('back.json')])).toMatchObject({ exit: 0, out: '' })
    expect(readFileSync(at('back.json'), 'utf8')).toBe(text)
    await running(['render', at('back.json'), '--out', at('b.pdf')])
    expect(readFileSync(at('b.pdf')).equals(readFileSync(at('a.pdf')))).toBe(true)
  })

  it('writes to standard output where no file is named', async () => {
    expect((await running(['extract', at('a.pdf')])).out).toBe(text)
  })

  it.each([
    ['no PDF', 'document.json', 1, 'The file is no PDF'],
    ['a PDF without a document', 'bare.pdf', 1, 'carries no FHIR document'],
    ['a file that is not there', 'none.pdf', 2, 'is not there'],
  ])('refuses %s', async (_, name, expected, words) => {
    writeFileSync(at('bare.pdf'), printedPdf())
    const { exit, err } = await running(['extract', at(name)])
    expect([exit, err]).toEqual([expected, expect.stringContaining(words)])
  })
})

describe('render', () => {
  it('in 2a writes the document beside the PDF, which carries nothing', async () => {
    await running(['render', at('document.json'), '--archive', '2a', '--out', at('two.pdf')])
    expect(readdirSync(folder)).toContain('two.json')
    expect(readFileSync(at('two.json'), 'utf8')).toBe(text)
    expect(embeddedFiles(readPdf(readFileSync(at('two.pdf'))))).toEqual([])
  })

  it('carries another form and the report where they are asked for', async () => {
    const attach = ['--attach', 'xml', '--attach', 'report']
    expect(await running(['render', at('document.json'), '--out', at('more.pdf'), ...attach])).toMatchObject({
      err: '',
    })
    const files = embeddedFiles(readPdf(readFileSync(at('more.pdf'))))
    expect(files.map(({ name, relationship }) => `${name} ${relationship}`)).toEqual([
      'document.json Source',
      'document.xml Alternative',
      'verification.json Supplement',
    ])
  })
})
