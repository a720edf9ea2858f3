/** Signatures whose key is elsewhere, on a card or at a trust service: what it is to sign into a file, its value out of it. */

import { kindOf, readWhole } from '../edge/files.ts'
import { certificatesOf } from '../edge/keys/open.ts'
import { fromBase64, fromBase64url, toBase64 } from '../fhir/digest.ts'
import { parseJson, stringify } from '../fhir/json.ts'
import { isObject, type Bundle, type Json, type Resource } from '../fhir/types.ts'
import { embedValueIn, prepareDocument, type Absent, type Answered } from '../pipeline.ts'
import { preparePdfElsewhere, type PdfToSign } from '../signed-pdf.ts'
import { misuse, surroundings } from './answer.ts'
import type { Cli, Started } from './command.ts'
import type { Delivery } from './output.ts'
import { mustBeThere, openRequest, type SigningValues } from './signing.ts'

/** What the first step asks for. */
export interface PreparingValues extends SigningValues {
  readonly prepare: string
}

/** What a key elsewhere is to sign of a document, for the file that is named. @throws Stop 2 without certificate */
export async function prepared(bundle: Bundle, values: PreparingValues, cli: Cli): Promise<Delivery> {
  const signer = await signerOf(values)
  const request = await openRequest(values, cli)
  const { design, edge } = await cli.start()
  return fileOf(prepareDocument(bundle, { ...request, signer }, design, edge), values)
}

/** The same of a PDF. @throws Stop 2 without certificate */
export async function preparedPdf(pdf: Uint8Array, values: PreparingValues, cli: Cli): Promise<Delivery> {
  const signer = await signerOf(values)
  const { edge } = await cli.start()
  return fileOf(preparePdfElsewhere(pdf, { signer, ...(values.type !== undefined && { type: values.type }) }, edge), values) // prettier-ignore
}

async function signerOf({ cert, alg }: PreparingValues): Promise<Absent> {
  if (cert === undefined) throw misuse('The certificate of the signer is missing, expected --cert')
  await mustBeThere('certificate', cert)
  return { certificates: certificatesOf(await surroundings(readWhole(cert))), alg }
}

function fileOf(
  { handle, ...toSign }: PdfToSign & { readonly protected?: string },
  { prepare }: PreparingValues,
): Delivery {
  // prettier-ignore
  const { digest, input, hash } = toSign
  const members = {
    alg: toSign.alg,
    digest: toBase64(digest),
    ...(toSign.protected !== undefined && { protected: toSign.protected }),
    hash: toBase64(hash),
    input: toBase64(input),
    handle,
  }
  return { path: prepare === '-' ? undefined : prepare, bytes: `${stringify(members, 2)}\n` }
}

/** What the last step is given. */
export interface EmbeddingValues extends SigningValues {
  readonly prepare: string | undefined
  readonly embed: string
}

/** The document with the value that the key elsewhere gave. @throws Stop 2 where the value or its handle is not one */
export async function embedded(bundle: Bundle, values: EmbeddingValues, cli: Cli): Promise<Resource> {
  const answered = await answeredOf(values)
  const { time, signers } = await openRequest(values, cli)
  const settings = { ...(time !== undefined && { time }), ...(signers !== undefined && { signers }) }
  const { design, edge }: Started = await cli.start()
  return embedValueIn(bundle, { ...answered, settings }, design, edge)
}

/** The handle of the first step, and the value that the key elsewhere gave. @throws Stop 2 where one of them is none */
export async function answeredOf({
  prepare: path,
  embed,
}: Pick<EmbeddingValues, 'prepare' | 'embed'>): Promise<Omit<Answered, 'settings'>> {
  // prettier-ignore
  if (path === undefined) throw misuse('The file of the first step is missing, expected --prepare')
  return { handle: handleIn(await surroundings(readWhole(path))), value: await valueOf(embed) }
}

function handleIn(content: Uint8Array): string {
  const value: Json = parseJson(content)
  const handle = isObject(value) ? value['handle'] : undefined
  if (typeof handle === 'string') return handle
  throw misuse('The file of --prepare has no handle, expected the one that the first step wrote')
}

/** The value itself, or the octets of the file that holds it. */
async function valueOf(given: string): Promise<Uint8Array> {
  if ((await kindOf(given)) === 'file') return surroundings(readWhole(given))
  const value = fromBase64(given) ?? fromBase64url(given)
  if (value === undefined || value.byteLength === 0)
    throw misuse('--embed is neither base64 nor a file that is there, expected the value of the signature')
  return value
}
