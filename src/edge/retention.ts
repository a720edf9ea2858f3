/** The file that says how long documents are kept. */

import { readFile } from 'node:fs/promises'
import { fail } from '../fhir/error.ts'

const PERIOD = /^P(?=\d)(?:\d{1,4}Y)?(?:\d{1,5}M)?(?:\d{1,5}W)?(?:\d{1,6}D)?$/

/** By type of document the period that it is kept at least. @throws FhirError `not-found`, `value` */
export async function readRetention(path: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw fail('not-found', 'The file of the retention periods cannot be read', { cause })
  })
  const table = parsed(text)
  const isTable = typeof table === 'object' && table !== null && !Array.isArray(table)
  const rows: readonly (readonly [string, unknown])[] = isTable ? Object.entries(table) : []
  if (rows.length === 0)
    throw fail('value', 'The file of the retention periods is no JSON object of types to periods, expected one')
  for (const [type, period] of rows)
    if (typeof period !== 'string' || !PERIOD.test(period))
      throw fail('value', `The retention period of ${type} is none, expected such as P30Y`)
  return table as Readonly<Record<string, string>>
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
