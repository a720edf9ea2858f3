/** Files: read whole, written whole or not at all. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { discardUnfinished, kindOf, readWhole, stem, writeWhole } from '../../src/edge/files.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'))
})

it('a file is written with its bytes and nothing is left beside it', async () => {
  const path = join(folder, 'a.json')
  await writeWhole([{ path, bytes: '{}' }])
  await writeWhole([{ path, bytes: Buffer.from('{"b":1}') }])
  expect(readFileSync(path, 'utf8')).toBe('{"b":1}')
  expect(readdirSync(folder)).toEqual(['a.json'])
})

it('where one of several cannot be written, none is', async () => {
  const [one, two] = [join(folder, 'one'), join(folder, 'missing', 'two')]
  const writing = writeWhole([
    { path: one, bytes: '1' },
    { path: two, bytes: '2' },
  ])
  await expect(writing).rejects.toMatchObject({
    issues: [{ code: 'no-store', text: `The file ${two} cannot be written, its folder is not there` }],
  })
  expect(readdirSync(folder)).toEqual([])
})

it('what is unfinished when the process is told to stop is taken away', async () => {
  const path = join(folder, 'large')
  writeFileSync(path, 'old')
  const writing = writeWhole([{ path, bytes: Buffer.alloc(50_000_000) }])
  await expect.poll(() => readdirSync(folder).length, { interval: 1 }).toBe(2)
  discardUnfinished()
  expect(readdirSync(folder)).toEqual(['large'])
  await expect(writing).rejects.toThrow()
  expect(readFileSync(path, 'utf8')).toBe('old')
})

it('a disk that is full leaves the old file as it was', async () => {
  await expect(writeWhole([{ path: '/dev/full', bytes: 'x' }])).rejects.toMatchObject({
    issues: [{ code: 'no-store', text: 'The file /dev/full does not fit, the disk is full' }],
  })
})

it('a file keeps its mode, and a link stays a link', async () => {
  const [real, link] = [join(folder, 'real'), join(folder, 'link')]
  writeFileSync(real, 'old')
  chmodSync(real, 0o640)
  symlinkSync('real', link)
  await writeWhole([{ path: link, bytes: 'new' }])
  expect(readFileSync(real, 'utf8')).toBe('new')
  expect(statSync(real).mode & 0o777).toBe(0o640)
  expect(readdirSync(folder).sort()).toEqual(['link', 'real'])
})

it('what is no regular file is written in place', async () => {
  await writeWhole([{ path: '/dev/null', bytes: 'x' }])
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
})

describe('reading says why it cannot', () => {
  it.each([
    ['nowhere', 'not-found', 'is not there'],
    ['.', 'no-store', 'is a folder, expected a file'],
    ['file/below', 'not-found', 'is not there, a part of its path is a file'],
    ['x'.repeat(300), 'no-store', 'has a name that is too long'],
  ])('%s', async (name, code, reason) => {
    writeFileSync(join(folder, 'file'), '')
    const path = join(folder, name)
    await expect(readWhole(path)).rejects.toMatchObject({ issues: [{ code, text: `The file ${path} ${reason}` }] })
  })
})

it('a folder cannot be replaced by a file', async () => {
  const path = join(folder, 'inner')
  mkdirSync(path)
  await expect(writeWhole([{ path, bytes: 'x' }])).rejects.toMatchObject({
    issues: [{ text: `The file ${path} is a folder, expected a file` }],
  })
})

it('kinds of paths', async () => {
  writeFileSync(join(folder, 'a'), '')
  expect(await Promise.all(['a', '.', 'b'].map((name) => kindOf(join(folder, name))))).toEqual([
    'file',
    'folder',
    'nothing',
  ])
  expect(existsSync(join(folder, 'b'))).toBe(false)
})

it('the stem of a path', () => {
  expect(['in/a.json', 'b', 'c.d.json'].map(stem)).toEqual(['a', 'b', 'c.d'])
})
