/** A finished document signed by a key elsewhere, in two steps, or sealed by the key of the service (H-4). */

import { X509Certificate } from 'node:crypto'
import { fromBase64, fromBase64url, toBase64 } from '../../fhir/digest.ts'
import { fail, FhirError } from '../../fhir/error.ts'
import { certificatesIn } from '../../fhir/pem.ts'
import type { Bundle, Resource } from '../../fhir/types.ts'
import type { Answer } from '../../http/answer.ts'
import type { Call, Route } from '../../http/route.ts'
import { levelsFor } from '../../http/operations/lasting.ts'
import { embedValueIn, prepareDocument, signDocument } from '../../pipeline.ts'
import { keepSigned } from '../../persist.ts'
import type { PdfToSign } from '../../signed-pdf.ts'
import type { Form } from '../form.ts'
import type { Reader } from '../../pages.ts'
import { HOME, page, pageAnswer, readerFor, seeOther, submission } from '../page.ts'
import { sealFor } from './example.ts'
import { documentPath, documentTitle, storedBundle, type StoredBundle } from './documents.ts'

/** Where a document is signed. */
export const PATH = `${HOME}/document/:id/sign`

const signPage = page({
  path: PATH,
  text: 'how a document may be signed or sealed',
  answer: (call) => signAnswer(call),
})

/** What went wrong, in the reader's words and in those of the rules. */
interface Problem {
  readonly said: string
  readonly details: readonly string[]
}

/** What the reader is told by the rule that was broken, or by the code of the issue. */
const PROBLEMS: Readonly<Record<string, string>> = {
  'signer-certificate': 'web.draft.sign.missing.certificate',
  'signature-value': 'web.draft.sign.missing.value',
  'signed-once': 'web.draft.sign.already',
  'signer-key': 'web.problem.sign.key',
  'lasting-signature': 'web.draft.sign.last.none',
  structure: 'web.problem.sign.key',
  security: 'web.problem.sign.key',
  conflict: 'web.problem.sign.anew',
}

function problemOf({ issues }: FhirError, { phrase }: Reader): Problem {
  const [{ rule, code }] = issues
  const said = phrase(PROBLEMS[rule ?? code] ?? 'web.problem.sign.failed')
  return { said, details: issues.map(({ text }) => text) }
}

interface Shown {
  readonly toSign?: object
  readonly problem?: Problem
}

async function signAnswer(call: Call, { toSign, problem }: Shown = {}): Promise<Answer> {
  const reader = readerFor(call)
  const seal = sealFor(call)
  const stored = await read(call)
  const sealer = seal === undefined ? undefined : sealerOf(seal.key.certificates[0])
  const view = {
    title: reader.phrase('web.draft.sign.title'),
    documentTitle: documentTitle(stored, reader),
    documentPath: documentPath(call.id),
    path: `${documentPath(call.id)}/sign`,
    isSigned: stored.bundle.signature !== undefined,
    levels: levelsFor(stored.bundle, call.service).map((level) => ({
      level,
      text: reader.phrase(`web.draft.sign.last.${level}`),
    })),
    ...(sealer !== undefined && { seal: { name: sealer, isDemo: /test key/.test(sealer) } }),
    ...{ toSign, problem },
  }
  return pageAnswer(call, 'web/draft/sign', view, problem === undefined ? {} : { status: 422 })
}

/** Whom a certificate names: the common name, with the organization where there is one. */
function sealerOf(certificate: Uint8Array | undefined): string {
  const subject = certificate === undefined ? '' : new X509Certificate(certificate).subject
  const part = (name: string): string => new RegExp(`^${name}=(.+)$`, 'm').exec(subject)?.[1] ?? ''
  return [part('CN'), part('O')].filter(Boolean).join(', ')
}

/** The document that is to be signed. */
export function read(call: Call): Promise<StoredBundle> {
  return call.service.store.snapshot((store) => storedBundle(store, call.id, call.service))
}

const preparing = submission({
  path: `${PATH}/prepare`,
  text: 'what the card of the signer is to sign',
  answer: (call, form) =>
    telling(call, async () => {
      const signer = signerFrom(form)
      const { design, edge, signing } = call.service
      const { bundle } = await read(call)
      return toSignAnswer(call, signer, {
        made: prepareDocument(bundle, { ...signing, signer }, design, edge),
        part: '',
      })
    }),
})

/** Whoever signs elsewhere, by the certificates that a form gives. @throws FhirError `required` */
export function signerFrom(form: Form): { readonly certificates: readonly Uint8Array[] } {
  const certificates = certificatesFrom(form)
  if (certificates.length > 0) return { certificates }
  throw fail('required', 'There is no certificate, expected that of the signer', { rule: 'signer-certificate' })
}

interface Prepared {
  readonly made: PdfToSign
  /** What the path of the second step ends with: which of the two, the document or its PDF, is signed. */
  readonly part: '' | '/pdf'
}

/** The page of the second step. */
export function toSignAnswer(
  call: Call,
  { certificates: [leaf] }: ReturnType<typeof signerFrom>,
  { made, part }: Prepared,
): Promise<Answer> {
  const toSign = {
    ...{ signer: leaf === undefined ? '' : sealerOf(leaf), alg: made.alg, handle: made.handle, part },
    ...{ digest: Buffer.from(made.digest).toString('hex'), hash: toBase64(made.hash), input: toBase64(made.input) },
  }
  return signAnswer(call, { toSign })
}

/** What the work gives; what went wrong stands on the page where it can be mended. */
export async function telling(call: Call, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof FhirError) || error.status >= 500) throw error
    return signAnswer(call, { problem: problemOf(error, readerFor(call)) })
  }
}

function certificatesFrom(form: Form): readonly Uint8Array[] {
  const file = form.file('certificateFile')
  if (file === undefined) return certificatesIn(form.value('certificate'))
  const text = Buffer.from(file.bytes).toString('latin1')
  return text.includes('-----BEGIN') ? certificatesIn(text) : [file.bytes]
}

const input = submission({
  path: `${PATH}/input`,
  text: 'what the card is to sign, as a file',
  answer: (_call, form) => {
    const bytes = fromBase64(form.value('input'))
    if (bytes === undefined) throw fail('value', 'The input is no base64, expected what was prepared')
    return { status: 200, headers: { 'Content-Type': 'application/octet-stream', 'Content-Disposition': 'attachment; filename="to-be-signed.bin"' }, body: bytes } // prettier-ignore
  },
})

const embedding = submission({
  path: `${PATH}/embed`,
  text: 'the document with the signature of the card',
  answer: (call, form) =>
    telling(call, async () => {
      const { design, edge, signing } = call.service
      const stored = await read(call)
      const answered = { ...answeredFrom(form), ...(signing !== undefined && { settings: signing }) }
      return kept(call, stored, embedValueIn(stored.bundle, answered, design, edge))
    }),
})

/** What the card gave, with the handle of what it was asked. @throws FhirError `required` */
export function answeredFrom(form: Form): { readonly handle: string; readonly value: Uint8Array } {
  const value = valueFrom(form)
  if (value === undefined)
    throw fail('required', 'There is no value, expected what the card gave', { rule: 'signature-value' })
  return { handle: form.value('handle'), value }
}

/** The octets of a value: a file as the card's software wrote it, base64 or not. */
function valueFrom(form: Form): Uint8Array | undefined {
  const file = form.file('valueFile')
  const text = file === undefined ? form.value('value') : Buffer.from(file.bytes).toString('latin1')
  const bare = text.replace(/\s+/g, '')
  const decoded = bare === '' ? undefined : (fromBase64(bare) ?? fromBase64url(bare))
  return decoded ?? file?.bytes
}

const sealing = submission({
  path: `${PATH}/seal`,
  text: 'the document with the seal of the service',
  answer: (call) =>
    telling(call, async () => {
      const { design, edge } = call.service
      const seal = sealFor(call)
      if (seal === undefined) throw fail('not-supported', 'This service has no key for seals')
      const stored = await read(call)
      return kept(call, stored, await signDocument(stored.bundle, seal, design, edge))
    }),
})

async function kept(call: Call, stored: StoredBundle, signed: Bundle | Resource): Promise<Answer> {
  if (stored.bundle.signature !== undefined)
    throw fail('business-rule', 'The document is signed already, expected one that is not', { rule: 'signed-once' })
  await keepSigned(call.service.store, stored, signed)
  return seeOther(documentPath(call.id))
}

export const signingRoutes: readonly Route[] = [
  { ...signPage, need: { role: 'sign' } },
  ...[preparing, input, embedding, sealing].map((row): Route => ({ ...row, need: { role: 'sign', writing: 'sign' } })),
]
