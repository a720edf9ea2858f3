/** A QR code as the path of an SVG; the only door to qrcode-generator. @see https://www.iso.org/standard/83389.html (ISO/IEC 18004) */

import qrcode from 'qrcode-generator'

export interface QrCode {
  /** The side in modules, the quiet zone around it included. */
  readonly size: number
  /** The dark modules, as the `d` of a path. */
  readonly path: string
}

/** Light modules around the code, by which readers find it. */
const QUIET = 4

/** The code of a text of a few hundred bytes in UTF-8, with a correction of 15 % (level M). */
export function qrCode(text: string): QrCode {
  const code = qrcode(0, 'M')
  // the library takes each character of a text as one byte
  code.addData(Buffer.from(text, 'utf8').toString('latin1'), 'Byte')
  code.make()
  const count = code.getModuleCount()
  let path = ''
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) {
      const start = column
      while (column < count && code.isDark(row, column)) column += 1
      if (column > start) path += `M${start + QUIET} ${row + QUIET}h${column - start}v1h-${column - start}z`
    }
  }
  return { size: count + 2 * QUIET, path }
}
