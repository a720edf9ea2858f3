/** `fhirdoc demo`: a discharge summary through every stage, with a key made on the spot. */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeWhole } from '../../edge/files.ts'
import { archivePdf } from '../../archive.ts'
import { demoSigner } from '../../edge/keys/demo.ts'
import { openSource } from '../../edge/store/open.ts'
import { isError } from '../../fhir/issue.ts'
import { stringify } from '../../fhir/json.ts'
import { isComposition } from '../../fhir/types.ts'
import { compose, judge, present, signDocument, type Edge, type StageName } from '../../pipeline.ts'
import { composeRequest } from '../../request.ts'
import { text } from '../../shape.ts'
import { surroundings } from '../answer.ts'
import { command } from '../command.ts'
import { readFhir } from '../input.ts'
import { composed, option } from '../options.ts'
import { count } from '../output.ts'

const fixture = fileURLToPath(new URL('../../../fixtures/documents/discharge', import.meta.url))

export const demoCommand = command({
  name: 'demo',
  text: 'a discharge summary composed, checked, signed, rendered and verified, with a key made on the spot',
  operands: { label: 'argument', least: 0, most: 0 },
  options: { ...composed, out: option(text('folder'), 'where the files go; else out') },
  later: [],
  run: async ({ values }, cli) => {
    const folder = values.out ?? 'out'
    const say = async (line: string): Promise<void> =>
      values.json === true ? undefined : cli.stdout.write(`${line}\n`)
    const started = await cli.start()
    const { design } = started
    const { edge, took } = timed(started.edge)

    const composition = await readFhir(join(fixture, 'composition.json'), cli)
    if (!isComposition(composition)) throw new TypeError('The fixture is no Composition')
    const sources = [await openSource(join(fixture, 'resources'), { model: () => design.collect.model })]
    const { bundle, receipt, issues } = await compose(composeRequest({ composition, sources }, {}), design, edge)
    const missing = receipt.references.filter(({ decision }) => decision === 'missing').length
    const found = `${bundle.entry?.length ?? 0} resources, ${receipt.references.length} references, ${missing} missing`
    await say(`collect  ${took('collect', 'narrate')}  ${found}`)
    await say(`check    ${took('check')}  ${count(issues)}`)

    const { key, trust, trustPem, crls } = demoSigner({ now: edge.now() })
    const signed = await signDocument(bundle, { key, time: cli.settings.signingTime }, design, edge)
    await say(
      `sign     ${took('sign')}  ${key.alg}, by ${signed.signature?.who?.display ?? 'the key made on the spot'}`,
    )

    const report = await judge(signed, { trust, crls, at: edge.now() }, edge)
    await say(
      `verify   ${took('verify')}  ${[report.indication, report.subIndication].filter(Boolean).join(' ')}, against the root made on the spot`,
    )

    const page = present(signed, design, edge)
    await say(`render   ${took('render')}  XHTML, ${size(page.xhtml)}, ${count(page.issues)}`)
    const json = stringify(signed, 2)
    const document = { bundle: signed, bytes: Buffer.from(json), mediaType: 'application/fhir+json' }
    const { pdf } = await surroundings(archivePdf(document, design, edge))
    await say(`print    ${took('print')}  PDF, the start of the browser included`)
    await say(`archive  ${took('archive')}  PDF/A-3a and PDF/UA-1, ${size(pdf)}, the document embedded`)

    const files = {
      'document.json': json,
      'receipt.json': stringify(receipt, 2),
      'document.xhtml': page.xhtml,
      'document.pdf': pdf,
      'verification.json': stringify(report, 2),
      'trust.pem': trustPem,
    }
    await surroundings(writeAll(folder, files))
    await say(
      `written  ${Object.keys(files)
        .map((name) => join(folder, name))
        .join(' ')}`,
    )
    const errors = [...issues, ...page.issues].filter(isError)
    return { exit: report.indication === 'TOTAL_PASSED' && errors.length === 0 ? 0 : 1, issues: errors }
  },
})

async function writeAll(folder: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeWhole(Object.entries(files).map(([name, bytes]) => ({ path: join(folder, name), bytes })))
}

function size(content: Uint8Array | string): string {
  return `${Math.ceil(Buffer.byteLength(content) / 1024)} KiB`
}

interface Timed {
  readonly edge: Edge
  /** The time of the stages given, in a column. */
  readonly took: (...stages: readonly StageName[]) => string
}

/** An edge that measures what each stage takes. */
function timed(edge: Edge): Timed {
  const spentMs = new Map<StageName, number>()
  const observe = <T>(stage: StageName, work: () => T): T => {
    const startMs = performance.now()
    const stop = (): void => void spentMs.set(stage, performance.now() - startMs)
    const result = work()
    if (result instanceof Promise) return result.finally(stop) as T
    stop()
    return result
  }
  const took = (...stages: readonly StageName[]): string => {
    const ms = stages.reduce((sum, stage) => sum + (spentMs.get(stage) ?? 0), 0)
    return `${ms.toFixed(ms < 10 ? 1 : 0).padStart(6)} ms`
  }
  return { edge: { ...edge, observe }, took }
}
