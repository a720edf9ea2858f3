/** Reading of a tar archive that is known and whole: regular files, in the ustar form. */

export interface TarFile {
  readonly name: string
  readonly bytes: Uint8Array
}

const BLOCK = 512

/** The regular files in their order; folders and links are passed over. */
export function* tarFiles(archive: Uint8Array): Generator<TarFile> {
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK)
    if (header.every((byte) => byte === 0)) return
    const size = parseInt(textOf(header, 124, 12), 8)
    const kind = textOf(header, 156, 1)
    if (Number.isNaN(size)) throw new TypeError('A tar header without a size')
    const start = at + BLOCK
    if (kind === '0' || kind === '')
      yield { name: textOf(header, 0, 100), bytes: archive.subarray(start, start + size) }
    at = start + Math.ceil(size / BLOCK) * BLOCK
  }
}

/** A field up to its first NUL. */
function textOf(header: Uint8Array, start: number, length: number): string {
  const field = Buffer.from(header.subarray(start, start + length)).toString('latin1')
  return (field.split('\0')[0] ?? '').trim()
}
