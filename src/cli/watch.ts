/** `fhirdoc render --watch`: the page of a document in a browser, while its templates are being written. */

import { basename, dirname } from 'node:path'
import { startPreview } from '../edge/preview.ts'
import { present } from '../pipeline.ts'
import { withPage, type PageChoice } from '../request.ts'
import { failure, lines, misuse, surroundings } from './answer.ts'
import type { Cli, Result } from './command.ts'
import { readDocument } from './input.ts'

interface Watching {
  readonly path: string
  readonly all: readonly string[]
  readonly values: PageChoice
}

/** Serves the page until the command is told to stop. */
export async function watched({ path, all, values }: Watching, cli: Cli): Promise<Result> {
  if (path === '-' || all.length > 1) throw misuse('--watch shows one document, expected the name of one file')
  const { design, edge } = await cli.start()
  const page = async (): Promise<string> => {
    const templates = (await cli.templates?.()) ?? design.render.templates
    const { bundle } = await readDocument(path, cli)
    return present(bundle, withPage({ ...design, render: { ...design.render, templates } }, values), edge).xhtml
  }
  await page()
  const { templates: folder } = cli.settings
  const preview = await surroundings(
    startPreview({
      page,
      watched: [{ folder: dirname(path), file: basename(path) }, ...(folder === undefined ? [] : [{ folder }])],
      told: (thrown) => lines(failure(thrown).issues),
    }),
  )
  await cli.stderr.write(`The page is shown at ${preview.url}\n`)
  return new Promise(() => undefined)
}
