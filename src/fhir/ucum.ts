/** Units of measure: the only door to ucum-lhc. @see https://ucum.org/ucum */

import ucum from '@lhncbc/ucum-lhc'

/** A picohenry by the grammar; the library takes it for a misspelt `[pH]`. */
const PICOHENRY = 'pH'

const known = new Map<string, boolean>([[PICOHENRY, true]])
/** So many units are remembered; documents have a few dozen. */
const maxKnown = 10_000

/** Whether a text is a unit in UCUM's case-sensitive codes. */
export function isUcum(code: string): boolean {
  const remembered = known.get(code)
  if (remembered !== undefined) return remembered
  const { status, ucumCode } = ucum.UcumLhcUtils.getInstance().validateUnitString(code)
  const isUnit = status === 'valid' && ucumCode === code
  if (known.size < maxKnown) known.set(code, isUnit)
  return isUnit
}
