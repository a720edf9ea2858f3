/** `fhirdoc render`: documents as pages for people. */

import { join } from 'node:path'
import { kindOf, stem } from '../../edge/files.ts'
import { isError } from '../../fhir/issue.ts'
import { OPTIONS } from '../../options.ts'
import { present, print } from '../../pipeline.ts'
import { withPage } from '../../request.ts'
import { oneOf, text } from '../../shape.ts'
import { misuse, surroundings } from '../answer.ts'
import { command } from '../command.ts'
import { readBundle } from '../input.ts'
import { common, laterSigning, option } from '../options.ts'
import { deliver } from '../output.ts'

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
  },
  later: ['--sign-pdf', '--diff', '--watch', ...laterSigning],
  run: async ({ operands: [path = '-'], values, all }, cli) => {
    const format = values.to ?? (/\.pdf$/i.test(values.out ?? '') ? 'pdf' : 'xhtml')
    const target = await targetOf({ path, all, out: values.out, format })
    if (target === undefined && format === 'pdf' && cli.stdout.isTerminal)
      throw misuse('A PDF is nothing for a terminal, expected --out')
    const bundle = await readBundle(path, cli)
    const { design, edge } = await cli.start()
    const page = present(bundle, withPage(design, values), edge)
    const printed = format === 'pdf' ? await surroundings(print(page, edge)) : undefined
    const { issues } = printed ?? page
    return {
      exit: issues.some(isError) ? 1 : 0,
      issues,
      ...(await deliver({ path: target, bytes: printed?.pdf ?? page.xhtml }, cli)),
    }
  },
})

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
