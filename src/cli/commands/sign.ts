/** `fhirdoc sign`: a document with a signature or a seal. */

import { signBeside, signDocument, stamped } from '../../pipeline.ts'
import { isPdf } from '../../signed-pdf.ts'
import { misuse } from '../answer.ts'
import { command } from '../command.ts'
import { embedded, prepared } from '../elsewhere.ts'
import { bundleIn, readInput } from '../input.ts'
import { openLasting, sidecarOf } from '../lasting.ts'
import { composed, lasting, out, placing, signing } from '../options.ts'
import { deliver, encoded } from '../output.ts'
import { signPdfFile } from '../pdf-signing.ts'
import { hasKey, openSigning } from '../signing.ts'
import { openStamping } from '../stamping.ts'

export const signCommand = command({
  name: 'sign',
  text: 'the document with a signature over its canonical form',
  operands: { label: '<document | pdf>', least: 1, most: 1 },
  options: { ...composed, out, ...signing, ...placing, ...lasting },
  later: [],
  run: async ({ operands: [path = '-'], values }, cli) => {
    const file = await readInput(path, cli)
    if (isPdf(file)) return signPdfFile(file, values, cli)
    const bundle = await bundleIn(file, cli)
    const { prepare, embed } = values
    if (embed !== undefined) {
      const signed = await embedded(bundle, { ...values, embed }, cli)
      const { design } = await cli.start()
      const bytes = encoded(signed, values.out, design)
      return { exit: 0, issues: [], ...(await deliver({ path: values.out, bytes }, cli)) }
    }
    if (prepare !== undefined) {
      return { exit: 0, issues: [], ...(await deliver(await prepared(bundle, { ...values, prepare }, cli), cli)) }
    }
    const stamping = await openStamping(values, cli)
    if (stamping !== undefined && bundle.signature !== undefined && values.key === undefined) {
      const { design, edge } = await cli.start()
      const bytes = encoded(await stamped(bundle, stamping, design, edge), values.out, design)
      return { exit: 0, issues: [], ...(await deliver({ path: values.out, bytes }, cli)) }
    }
    const lasting = stamping === undefined ? await openLasting(values, cli) : undefined
    if (lasting !== undefined && bundle.signature !== undefined && values.key === undefined) {
      const { edge } = await cli.start()
      return { exit: 0, issues: [], ...(await deliver(await sidecarOf(bundle, lasting, { edge, isNew: false }), cli)) }
    }
    if (!hasKey(values, cli)) throw misuse('A key is missing, expected --key, or FHIRDOC_REMOTE_SIGNER')
    const request = await openSigning(values, cli)
    const { design, edge } = await cli.start()
    if (values.as === 'beside') {
      const bytes = encoded(await signBeside(bundle, request, design, edge), values.out, design)
      return { exit: 0, issues: [], ...(await deliver({ path: values.out, bytes }, cli)) }
    }
    const bare = await signDocument(bundle, request, design, edge)
    const signed = stamping === undefined ? bare : await stamped(bare, stamping, design, edge)
    const document = { path: values.out, bytes: encoded(signed, values.out, design) }
    const sidecars = lasting === undefined ? [] : [await sidecarOf(signed, lasting, { edge, isNew: true })]
    return { exit: 0, issues: [], ...(await deliver(document, cli, sidecars)) }
  },
})
