/** `fhirdoc render`: documents as pages for people. */

import { join } from 'node:path'
import { archivePdf, type ArchiveOptions } from '../../archive.ts'
import { ATTACHMENTS } from '../../attaching.ts'
import { kindOf, stem } from '../../edge/files.ts'
import { isError, type Issue } from '../../fhir/issue.ts'
import { OPTIONS } from '../../options.ts'
import { present } from '../../pipeline.ts'
import { withPage } from '../../request.ts'
import { oneOf, text } from '../../shape.ts'
import { misuse, surroundings } from '../answer.ts'
import { attachments } from '../attachments.ts'
import { command, type Started } from '../command.ts'
import { readBundle, readDocument, type DocumentFile } from '../input.ts'
import { common, flag, lasting, option, several, signing } from '../options.ts'
import { deliver, type Delivery } from '../output.ts'
import { openPdfSigning, type SignPdf } from '../pdf-signing.ts'
import { watched } from '../watch.ts'

const formats = ['xhtml', 'pdf'] as const
type Format = (typeof formats)[number]

export const renderCommand = command({
  name: 'render',
  text: 'the document as a page for people',
  operands: { label: '<document>', least: 1, most: Infinity },
  options: {
    ...common,
    out: option(text('file or folder'), 'where the page goes; a folder where there are several documents'),
    to: option(oneOf(formats), 'the form of the page; else by the ending of --out, else xhtml'),
    lang: OPTIONS.lang,
    template: OPTIONS.template,
    archive: OPTIONS.archive,
    attach: several(
      oneOf(ATTACHMENTS),
      'what a PDF/A-3a carries beside its document: another form of it, the verification report',
    ),
    watch: flag('show the page in a browser, made anew whenever the document or a template changes'),
    signPdf: flag('the PDF with a signature over all of it, by --key; of level B where --level names no other'),
    key: signing.key,
    cert: signing.cert,
    passwordFile: signing.passwordFile,
    alg: signing.alg,
    type: signing.type,
    seal: signing.seal,
    level: lasting.level,
    tsa: lasting.tsa,
    revocation: lasting.revocation,
    trust: lasting.trust,
    crl: lasting.crl,
    ocsp: lasting.ocsp,
    diff: option(text('older document'), 'what changed since an older version, in the place of the document'),
  },
  later: [],
  run: async ({ operands: [path = '-'], values, all }, cli) => {
    if (values.watch === true) return watched({ path, all, values }, cli)
    const format = values.to ?? (/\.pdf$/i.test(values.out ?? '') ? 'pdf' : 'xhtml')
    const target = await targetOf({ path, all, out: values.out, format })
    if (target === undefined && format === 'pdf' && cli.stdout.isTerminal)
      throw misuse('A PDF is nothing for a terminal, expected --out')
    const sign = await openPdfSigning({ ...values, isPdf: format === 'pdf' }, cli)
    const document = await readDocument(path, cli)
    const started = await cli.start()
    const older = values.diff === undefined ? undefined : await readBundle(values.diff, cli)
    const design = withPage(started.design, { ...values, older })
    // a comparison is no document: its PDF is no archive of one
    const { archive = older === undefined ? '3a' : 'none', attach = [] } = values
    if (attach.length > 0 && (format !== 'pdf' || archive !== '3a'))
      throw misuse('--attach is of use in PDF/A-3a alone')
    const further = await attachments(attach, document, cli)
    const { bytes, issues } =
      format === 'xhtml'
        ? pageOf(document, { ...started, design })
        : await pdfOf(document, { level: archive, further }, { ...started, design }, sign)
    const others = format === 'pdf' && archive === '2a' ? besides(target, document) : []
    return { exit: issues.some(isError) ? 1 : 0, issues, ...(await deliver({ path: target, bytes }, cli, others)) }
  },
})

interface Made {
  readonly bytes: Uint8Array | string
  readonly issues: readonly Issue[]
}

function pageOf({ bundle }: DocumentFile, { design, edge }: Started): Made {
  const { xhtml, issues } = present(bundle, design, edge)
  return { bytes: xhtml, issues }
}

async function pdfOf(
  document: DocumentFile,
  options: ArchiveOptions,
  { design, edge }: Started,
  sign: SignPdf | undefined,
): Promise<Made> {
  const { pdf, issues } = await surroundings(archivePdf(document, design, edge, options))
  return { bytes: sign === undefined ? pdf : await sign(pdf, edge), issues }
}

/** What PDF/A-2a takes not in goes beside it: the document under the same name. */
function besides(target: string | undefined, { bytes, mediaType }: DocumentFile): readonly Delivery[] {
  if (target === undefined) throw misuse('PDF/A-2a has the document beside it, expected --out')
  return [{ path: `${target.replace(/\.pdf$/i, '')}.${mediaType.endsWith('xml') ? 'xml' : 'json'}`, bytes }]
}

interface Rendering {
  readonly path: string
  readonly all: readonly string[]
  readonly out: string | undefined
  readonly format: Format
}

/** The file of a page; undefined for standard output. @throws Stop 2 where several pages would have one name */
async function targetOf({ path, all, out, format }: Rendering): Promise<string | undefined> {
  const kind = out === undefined ? 'nothing' : await kindOf(out)
  if (all.length > 1 && kind !== 'folder')
    throw misuse('Several documents have several pages, expected --out with a folder that is there')
  if (out === undefined || kind !== 'folder') return out
  const name = stem(path)
  if (all.filter((other) => stem(other) === name).length > 1)
    throw misuse(`Several documents have the name ${name}, expected different names`)
  return join(out, `${name === '-' ? 'document' : name}.${format}`)
}
