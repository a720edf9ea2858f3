/** Trust anchors and revocation lists from files and folders, PEM or DER, and ETSI trusted lists. */

import { X509Certificate } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '../fhir/error.ts'
import { derBlocks, isPem } from './keys/pem.ts'

export interface Trust {
  /** Certificates, DER. */
  readonly anchors: readonly Uint8Array[]
  /** Certificate revocation lists, DER. */
  readonly crls: readonly Uint8Array[]
  /** ETSI trusted lists, XML. */
  readonly lists: readonly Uint8Array[]
}

/**
 * What the files, and the files of the folders, hold. In a folder a file of another kind is passed over.
 * @throws FhirError `not-found` where a file cannot be read, `structure` where a file that is named holds neither
 */
export async function readTrust(paths: readonly string[]): Promise<Trust> {
  const found = (await Promise.all(paths.map(readPath))).flat()
  return {
    anchors: found.flatMap(({ anchors }) => anchors),
    crls: found.flatMap(({ crls }) => crls),
    lists: found.flatMap(({ lists }) => lists),
  }
}

async function readPath(path: string): Promise<readonly Trust[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [trustOf(await readFile(path))]
    const names = (await readdir(path, { withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
    return (await Promise.all(names.sort().map(async (name) => contentOf(await readFile(join(path, name)))))).filter(
      (one) => one !== undefined,
    )
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause)
      throw fail('not-found', 'A file or folder of trust anchors cannot be read', { cause })
    throw cause
  }
}

/** The certificates and lists of a file's content. @throws FhirError `structure` where it holds neither */
export function trustOf(content: Uint8Array): Trust {
  const trust = contentOf(content)
  if (trust === undefined)
    throw fail(
      'structure',
      'A file of trust anchors holds neither certificates nor revocation lists, expected PEM or DER',
    )
  return trust
}

/** The beginning of a trusted list, whatever its prefix. */
const TRUSTED_LIST = /^[^\0]{0,2000}<(?:[\w-]+:)?TrustServiceStatusList[\s/>]/

function contentOf(content: Uint8Array): Trust | undefined {
  const text = Buffer.from(content).toString('latin1')
  if (TRUSTED_LIST.test(text)) return { anchors: [], crls: [], lists: [content] }
  if (!isPem(text)) return derContent(content)
  const anchors = derBlocks(text, 'CERTIFICATE')
  const crls = derBlocks(text, 'X509 CRL')
  return anchors.length + crls.length === 0 ? undefined : { anchors, crls, lists: [] }
}

function derContent(content: Uint8Array): Trust | undefined {
  try {
    return { anchors: [new X509Certificate(content).raw], crls: [], lists: [] }
  } catch {
    return isSequenceOfSequence(content) ? { anchors: [], crls: [content], lists: [] } : undefined
  }
}

/** Whether DER begins as a signed list does, and not as a key, a PKCS#12 file or an OCSP response, where a number comes first. */
function isSequenceOfSequence(content: Uint8Array): boolean {
  const length = content[1] ?? 0
  const first = content[length < 0x80 ? 2 : 2 + (length & 0x7f)]
  return content[0] === 0x30 && first === 0x30
}
