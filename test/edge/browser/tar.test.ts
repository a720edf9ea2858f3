/** Files come out of a tar archive as they went in. */

import { expect, it } from 'vitest'
import { tarFiles } from '../../../src/edge/browser/tar.ts'

function entry(name: string, kind: string, content = ''): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write(content.length.toString(8).padStart(11, '0'), 124)
  header.write(kind, 156)
  const body = Buffer.alloc(Math.ceil(content.length / 512) * 512)
  body.write(content)
  return Buffer.concat([header, body])
}

it('regular files in their order, folders and links passed over', () => {
  const archive = Buffer.concat([
    entry('lib/', '5'),
    entry('lib/a', '0', 'alpha'),
    entry('lib/link', '2'),
    entry('lib/b', '0', 'b'.repeat(513)),
    entry('lib/c', '0'),
    Buffer.alloc(1024),
    entry('after the end', '0', 'x'),
  ])
  const files = Array.from(tarFiles(archive), ({ name, bytes }) => [name, Buffer.from(bytes).toString()])
  expect(files).toEqual([
    ['lib/a', 'alpha'],
    ['lib/b', 'b'.repeat(513)],
    ['lib/c', ''],
  ])
})

it('a header without a size is refused', () => {
  expect(() => [...tarFiles(Buffer.concat([Buffer.alloc(512, 'x'), Buffer.alloc(1024)]))]).toThrow(TypeError)
})
