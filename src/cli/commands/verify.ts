/** `fhirdoc verify`: what can be said of a document's signature. */

import { kindOf } from '../../edge/files.ts'
import { readSigners } from '../../edge/signers.ts'
import { readTrust, type Trust } from '../../edge/trust.ts'
import { stringify } from '../../fhir/json.ts'
import type { JsonObject } from '../../fhir/types.ts'
import { judge } from '../../pipeline.ts'
import { instant, text } from '../../shape.ts'
import { misuse, surroundings } from '../answer.ts'
import { command } from '../command.ts'
import { readBundle } from '../input.ts'
import { common, flag, option, out, several } from '../options.ts'
import { deliver } from '../output.ts'

type Report = Awaited<ReturnType<typeof judge>>

export const verifyCommand = command({
  name: 'verify',
  text: 'the verification report of a document; exit 0 for TOTAL_PASSED alone',
  operands: { label: '<document>', least: 1, most: Infinity },
  options: {
    ...common,
    out: { ...out, text: 'where the report goes besides, as JSON' },
    trust: several(text('file | folder'), 'certificates that a signature is trusted by, and CRLs; else FHIRDOC_TRUST'),
    crl: several(text('file | folder'), 'certificate revocation lists'),
    noRevocation: flag('revocation need not be known'),
    at: option(instant, 'the time to verify for; else now'),
    signers: option(
      text('file'),
      'JSON object: SHA-256 fingerprint of a certificate to a reference; else FHIRDOC_SIGNERS',
    ),
  },
  later: ['--sidecar', '--revocation', '--ocsp', '--html'],
  run: async ({ operands: [path = '-'], values, all }, cli) => {
    if (values.out !== undefined && all.length > 1) throw misuse('--out takes the report of one document')
    const { settings } = cli
    const trust = await trustOf(values.trust ?? (settings.trust === undefined ? [] : [settings.trust]))
    const lists = await trustOf(values.crl ?? [])
    if (values.crl !== undefined && lists.crls.length === 0) throw misuse('--crl names no certificate revocation list')
    const table = values.signers ?? settings.signers
    const signers = table === undefined ? undefined : await surroundings(readSigners(table))
    const bundle = await readBundle(path, cli)
    const { edge } = await cli.start()
    const request = {
      trust: trust.anchors,
      crls: [...trust.crls, ...lists.crls],
      at: values.at ?? edge.now(),
      ...(values.noRevocation !== undefined && { revocation: 'waived' as const }),
      ...(signers !== undefined && { signers }),
    }
    const report = await judge(bundle, request, edge)
    const json = report as unknown as JsonObject
    if (values.out !== undefined) await deliver({ path: values.out, bytes: `${stringify(json, 2)}\n` }, cli)
    return { exit: report.indication === 'TOTAL_PASSED' ? 0 : 1, issues: [], json, text: inWords(report) }
  },
})

/** What the files hold; one that is not there is the command line's fault. */
async function trustOf(paths: readonly string[]): Promise<Trust> {
  for (const path of paths) {
    if ((await kindOf(path)) === 'nothing') throw misuse(`The file ${path} is not there`)
  }
  return surroundings(readTrust(paths))
}

/** The report for people: the indication, then each signature with its checks, none of them left out. */
export function inWords({ indication, subIndication, signatures }: Report): string {
  const lines = signatures.flatMap((signature) => [
    `  ${signature.where}: ${indicated(signature)}, ${[signature.format, signature.level].filter(Boolean).join(' ')}`,
    ...(signature.signer === undefined
      ? []
      : [`    ${signature.seal === true ? 'sealed' : 'signed'} by: ${signature.signer}`]),
    ...(signature.signingTime === undefined ? [] : [`    at: ${signature.signingTime}, as the signature claims`]),
    ...signature.checks.map(({ name, verdict, text: found }) => `    ${verdict} ${name}: ${found}`),
    `    not covered: ${signature.notCovered.join(', ') || 'nothing'}`,
  ])
  const none = signatures.length === 0 ? ['  the document bears no signature'] : []
  return `${[indicated({ indication, subIndication }), ...none, ...lines].join('\n')}\n`
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
