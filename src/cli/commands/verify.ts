/** `fhirdoc verify`: what can be said of a document's signature. */

import { readSigners } from '../../edge/signers.ts'
import { FhirError } from '../../fhir/error.ts'
import { parseFhir } from '../../fhir/format.ts'
import { jsonOf, stringify } from '../../fhir/json.ts'
import type { Bundle } from '../../fhir/types.ts'
import { OPTIONS } from '../../options.ts'
import { judge, presentReport } from '../../pipeline.ts'
import { besidesIn, bundleFrom, withPage } from '../../request.ts'
import { instant, text } from '../../shape.ts'
import { isPdf, judgePdf, type JudgedPdf } from '../../signed-pdf.ts'
import { misuse, surroundings } from '../answer.ts'
import { command, type Cli } from '../command.ts'
import { readInput } from '../input.ts'
import { common, flag, lasting, option, out, several } from '../options.ts'
import { deliver } from '../output.ts'
import { openTrust } from '../trust.ts'

type Report = Awaited<ReturnType<typeof judge>>
type VerifyRequest = Parameters<typeof judge>[1]

export const verifyCommand = command({
  name: 'verify',
  text: 'the verification report of a document; exit 0 for TOTAL_PASSED alone',
  operands: { label: '<document | pdf>', least: 1, most: Infinity },
  options: {
    ...common,
    out: { ...out, text: 'where the report goes besides, as JSON' },
    html: option(text('file'), 'where the report goes besides, as a page in plain words'),
    lang: OPTIONS.lang,
    sidecar: several(text('file'), 'a signature beside the document: a JWS in JSON or compact, XAdES, or a Provenance'),
    trust: lasting.trust,
    crl: lasting.crl,
    ocsp: lasting.ocsp,
    revocation: lasting.revocation,
    noRevocation: flag('revocation need not be known'),
    at: option(instant, 'the time to verify for; else now'),
    signers: option(
      text('file'),
      'JSON object: SHA-256 fingerprint of a certificate to a reference; else FHIRDOC_SIGNERS',
    ),
  },
  later: [],
  run: async ({ operands: [path = '-'], values, all }, cli) => {
    if (values.out !== undefined && all.length > 1) throw misuse('--out takes the report of one document')
    if (values.html !== undefined && all.length > 1) throw misuse('--html takes the report of one document')
    if (values.sidecar !== undefined && all.length > 1) throw misuse('--sidecar is of one document')
    const known = await openTrust(values, cli)
    const table = values.signers ?? cli.settings.signers
    const signers = table === undefined ? undefined : await surroundings(readSigners(table))
    const sidecars = await Promise.all((values.sidecar ?? []).map((sidecar) => readInput(sidecar, cli)))
    const file = await readInput(path, cli)
    const { design, edge } = await cli.start()
    const request = {
      ...known,
      ...(await besidesIn(sidecars, () => design.collect.model)),
      file,
      model: design.collect.model,
      at: values.at ?? edge.now(),
      ...(values.noRevocation !== undefined && { revocation: 'waived' as const }),
      ...(signers !== undefined && { signers }),
    }
    const { report, bundle } = isPdf(file)
      ? await judgePdf(file, request, design, edge)
      : await judgedFile(file, request, cli)
    const json = jsonOf(report)
    if (values.out !== undefined) await deliver({ path: values.out, bytes: `${stringify(json, 2)}\n` }, cli)
    if (values.html !== undefined) {
      const bytes = presentReport(report, { bundle, at: request.at }, withPage(design, values), edge)
      await deliver({ path: values.html, bytes }, cli)
    }
    return { exit: report.indication === 'TOTAL_PASSED' ? 0 : 1, issues: [], json, text: inWords(report) }
  },
})

async function judgedFile(file: Uint8Array, request: VerifyRequest, cli: Cli): Promise<JudgedPdf> {
  const bundle = await bundleIn(file, cli, { hasSidecar: (request.sidecars ?? []).length > 0 })
  const { edge } = await cli.start()
  return { report: await judge(bundle ?? file, request, edge), bundle }
}

/** The Bundle that the file is; undefined where it is none and a signature beside it is over its octets. */
async function bundleIn(
  file: Uint8Array,
  cli: Cli,
  { hasSidecar }: { readonly hasSidecar: boolean },
): Promise<Bundle | undefined> {
  try {
    return bundleFrom(await parseFhir(file, { model: async () => (await cli.start()).design.collect.model }))
  } catch (error) {
    if (hasSidecar && error instanceof FhirError) return undefined
    throw error
  }
}

/** What the words mean that are not of EN 319 102-1. */
const OF_PARTS: Readonly<Record<string, string>> = {
  NO_DOCUMENT_SIGNATURE: 'no signature is over the document as a whole, only over resources in it',
  PART_SIGNATURE_FAILED: 'the document is as it was signed, but a signature over resources in it does not hold',
}

/** The report for people: the indication, then each signature with its checks, none of them left out. */
function inWords({ indication, subIndication, signatures, pages }: Report): string {
  const reason = OF_PARTS[subIndication ?? '']
  const lines = signatures.flatMap((signature) => [
    `  ${signature.where}: ${indicated(signature)}, ${[signature.format, signature.level].filter(Boolean).join(' ')}`,
    ...(signature.signer === undefined
      ? []
      : [`    ${signature.seal === true ? 'sealed' : 'signed'} by: ${signature.signer}`]),
    ...(signature.signingTime === undefined ? [] : [`    at: ${signature.signingTime}, as the signature claims`]),
    ...signature.checks.map(({ name, verdict, text: found }) => `    ${verdict} ${name}: ${found}`),
    ...(signature.covers === undefined
      ? []
      : [`    covers alone: ${signature.covers.join(', ') || 'nothing that is known'}`]),
    `    not covered: ${signature.notCovered.join(', ') || 'nothing'}`,
  ])
  const none = signatures.length === 0 ? ['  the document bears no signature'] : []
  const ofPages = pages === undefined ? [] : [`  ${pages.verdict} pages: ${pages.text}`]
  const why = reason === undefined ? [] : [`  ${reason}`]
  return `${[indicated({ indication, subIndication }), ...why, ...none, ...lines, ...ofPages].join('\n')}\n`
}

function indicated({
  indication,
  subIndication,
}: {
  readonly indication: string
  readonly subIndication?: string | undefined
}): string {
  return subIndication === undefined ? indication : `${indication} (${subIndication})`
}
