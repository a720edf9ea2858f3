/** The table of signers: which certificate is whose (H-4). */

import { fail } from '../fhir/error.ts'
import { parseJson } from '../fhir/json.ts'
import { isObject } from '../fhir/types.ts'
import { readWhole } from './files.ts'

/**
 * References of their holders by the SHA-256 fingerprints of certificates, in hex with or without colons.
 * @throws FhirError `structure` where the file holds anything else, `not-found` or `no-store` where it cannot be read
 */
export async function readSigners(path: string): Promise<Readonly<Record<string, string>>> {
  const value = parseJson(await readWhole(path))
  const rows = isObject(value) ? Object.entries(value) : []
  const signers = Object.fromEntries(
    rows.filter((row): row is [string, string] => isFingerprint(row[0]) && typeof row[1] === 'string'),
  )
  if (isObject(value) && Object.keys(signers).length === rows.length) return signers
  throw fail(
    'structure',
    'The table of signers is no JSON object of SHA-256 fingerprints and references, expected {"<64 hex digits>": "Practitioner/1"}',
  )
}

function isFingerprint(name: string): boolean {
  return /^[0-9a-f]{64}$/i.test(name.replaceAll(':', ''))
}
