/** The hostile corpus, printed and painted as it is and unsanitised: nothing of it runs, nothing of it leaves. */

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import type { Tab } from '../../src/edge/browser/warm-page.ts'
import { noBrowser, withPrinter, xhtml } from '../edge/browser/browser.ts'
import { listeningServer, paint, watchScripts, type Ran } from '../edge/browser/watch.ts'
import { aimedAt, attacks } from './attacks.ts'
import { corpusDir, counts } from './corpus.ts'

/** The attacks as the HTML parser of a browser understands them, written as XHTML; it parses them without running them. */
async function asXhtml(tab: Tab, texts: readonly string[]): Promise<readonly string[]> {
  const script = `${JSON.stringify(texts)}.map((text) => {
    const { head, body } = new DOMParser().parseFromString(text, 'text/html')
    return [...head.childNodes, ...body.childNodes].map((node) => new XMLSerializer().serializeToString(node)).join('')
  })`
  await tab.open('about:blank')
  const { frameTree } = await tab.send<{ readonly frameTree: { readonly frame: { readonly id: string } } }>(
    'Page.getFrameTree',
  )
  const { executionContextId } = await tab.send<{ readonly executionContextId: number }>('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
  })
  const { result } = await tab.send<{ readonly result: { readonly value: readonly string[] } }>('Runtime.evaluate', {
    expression: script,
    contextId: executionContextId,
    returnByValue: true,
  })
  return result.value
}

describe.skipIf(corpusDir === undefined || noBrowser !== undefined)(
  'the hostile corpus',
  { timeout: 1_800_000 },
  () => {
    it('runs no script and sends no request, as it is and as a browser would mend it', async () => {
      const folder = join(corpusDir ?? '', 'hostile')
      const server = await listeningServer()
      const ran: Ran = []
      const tabs: Tab[] = []
      const outcomes: string[] = []
      let mended: readonly string[] = []
      const raw = [...attacks(join(folder, 'xss')), ...attacks(join(folder, 'fhir-narrative'))].map((text) =>
        aimedAt(server.origin, text),
      )
      const onTab = async (tab: Tab): Promise<void> => {
        tabs.push(tab)
        if (mended.length === 0) mended = await asXhtml(tab, raw)
        await watchScripts(tab, ran)
      }
      // one tab paints them all, unsanitised: what is watched is what it does, not what it takes
      const lenient = { pages: 1, printsPerBrowser: 100_000, timeoutMs: 120_000, maxMemoryBytes: 64 * 1024 ** 3 }
      await withPrinter({ ...lenient, onTab }, async (printer) => {
        await printer.print(xhtml('<p>x</p>'))
        for (const attack of [...raw, ...mended]) {
          const page = xhtml(attack)
          const pdf = await printer.print(page).catch((error: unknown) => error)
          if (pdf instanceof Uint8Array) outcomes.push('printed')
          else if (pdf instanceof FhirError) outcomes.push(`refused: ${pdf.issues[0].text}`)
          else throw pdf
          if (pdf instanceof Uint8Array) for (const tab of tabs) await paint(tab, page)
        }
        await new Promise((resolve) => setTimeout(resolve, 1_000))
      })
      await server.close()
      console.log(`${raw.length} attacks, each as it is and mended:\n${counts(outcomes)}`)
      expect(raw.length).toBeGreaterThan(500)
      expect(outcomes.filter((outcome) => outcome === 'printed').length).toBeGreaterThan(raw.length / 2)
      expect([ran, server.requests, tabs.length]).toEqual([[], [], 1])
    })
  },
)
