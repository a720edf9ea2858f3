/** Signatures in a PDF, as the options and settings have them. */

import type { Edge } from '../pipeline.ts'
import { embedValueInPdf, outlastPdf, signedPdf, type PdfLasting } from '../signed-pdf.ts'
import { misuse } from './answer.ts'
import type { Cli, Result } from './command.ts'
import { answeredOf, preparedPdf } from './elsewhere.ts'
import { openSources, type LastingValues } from './lasting.ts'
import { deliver } from './output.ts'
import { hasKey, openSigning, type SigningValues } from './signing.ts'

export interface PdfSigningValues extends SigningValues, LastingValues {
  readonly out: string | undefined
  readonly prepare: string | undefined
  readonly embed: string | undefined
}

/** Undefined for level B. @throws Stop 2 where something that the level needs is not named */
async function openPdfLasting(values: LastingValues, cli: Pick<Cli, 'settings'>): Promise<PdfLasting | undefined> {
  const { level = 'B', sidecar } = values
  if (sidecar !== undefined) throw misuse('--sidecar is of no use for a PDF, which bears its signature itself')
  return level === 'B' ? undefined : openSources(level, values, cli)
}

/** What is made of a PDF. */
export type SignPdf = (pdf: Uint8Array, edge: Edge) => Promise<Uint8Array>

/** The options of a signature of the PDF that is rendered. */
export interface RenderedValues
  extends Omit<SigningValues, 'format' | 'who' | 'signers'>, Omit<LastingValues, 'sidecar'> {
  readonly signPdf: true | undefined
  readonly isPdf: boolean
}

const OF_SIGNATURES = ['key', 'cert', 'alg', 'type', 'seal', 'level', 'tsa', 'revocation', 'trust'] as const

/** How a PDF that is rendered is to be signed; undefined where it is not. @throws Stop 2 where an option is of no use, or missing */
export async function openPdfSigning(values: RenderedValues, cli: Cli): Promise<SignPdf | undefined> {
  if (values.signPdf === undefined) {
    const useless = OF_SIGNATURES.find((name) => values[name] !== undefined)
    if (useless !== undefined) throw misuse(`--${useless} is of use with --sign-pdf alone`)
    return undefined
  }
  if (!values.isPdf) throw misuse('--sign-pdf is of use for a PDF alone, expected --to pdf')
  const all = { ...values, format: undefined, who: undefined, signers: undefined, sidecar: undefined }
  const lasting = await openPdfLasting(all, cli)
  if (!hasKey(values, cli)) throw misuse('A key is missing, expected --key, or FHIRDOC_REMOTE_SIGNER')
  const signing = await openSigning(all, cli)
  return (pdf, edge) => signedPdf(pdf, signing, edge, lasting)
}

/** What a signature in a PDF has no place for. */
const OF_DOCUMENTS = ['as', 'counter', 'format', 'who', 'signers'] as const

/** A PDF with a signature, or with the one that it has at a higher level; or what a key elsewhere is to sign of it. @throws Stop 2 without key and level */
export async function signPdfFile(pdf: Uint8Array, values: PdfSigningValues, cli: Cli): Promise<Result> {
  const { prepare, embed, out } = values
  const useless = OF_DOCUMENTS.find((name) => values[name] !== undefined)
  if (useless !== undefined) throw misuse(`--${useless} is of no use for a PDF`)
  const isFirstStep = prepare !== undefined && embed === undefined
  if (isFirstStep) return { exit: 0, issues: [], ...(await deliver(await preparedPdf(pdf, { ...values, prepare }, cli), cli)) } // prettier-ignore
  const lasting = await openPdfLasting(values, cli)
  const bytes = await madeOf(pdf, values, cli, lasting)
  return { exit: 0, issues: [], ...(await deliver({ path: out, bytes }, cli)) }
}

async function madeOf(
  pdf: Uint8Array,
  values: PdfSigningValues,
  cli: Cli,
  lasting: PdfLasting | undefined,
): Promise<Uint8Array> {
  const { embed, prepare, key } = values
  if (embed !== undefined) {
    const answered = await answeredOf({ embed, prepare })
    return embedValueInPdf(pdf, answered, (await cli.start()).edge, lasting)
  }
  if (!hasKey(values, cli) && lasting === undefined)
    throw misuse('A key is missing, expected --key, or --level for a PDF that is signed')
  if (key === undefined && lasting !== undefined) return outlastPdf(pdf, lasting, (await cli.start()).edge)
  const signing = await openSigning(values, cli)
  return signedPdf(pdf, signing, (await cli.start()).edge, lasting)
}
