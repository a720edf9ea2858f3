/** On a warm page nothing runs, nothing leaves, and no document touches the next. */

import { crc32, deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { pageCount, type Tab } from '../../../src/edge/browser/warm-page.ts'
import { factsOf, noBrowser, normalised, table, withPrinter, xhtml } from './browser.ts'
import { listeningServer, paint, watchScripts, type Ran } from './watch.ts'

/** Constructs that load, run or go somewhere; URL stands for a server of ours. */
const HOSTILE: readonly string[] = [
  '<script>alert(1)</script>',
  '<script src="URL/script"></script>',
  '<img src="URL/img" onerror="alert(1)" alt=""/>',
  '<img src="x" srcset="URL/srcset 2x" loading="lazy" alt=""/>',
  '<body onload="alert(1)" background="URL/background"/>',
  '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script><image href="URL/image"/><use href="URL/use#a"/></svg>',
  '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="URL/foreign"/></foreignObject></svg>',
  '<svg xmlns="http://www.w3.org/2000/svg"><animate onbegin="alert(1)" attributeName="x" dur="1s"/><set attributeName="href" to="URL/set"/></svg>',
  '<math xmlns="http://www.w3.org/1998/Math/MathML"><maction actiontype="statusline" href="javascript:alert(1)">x</maction></math>',
  '<iframe src="URL/iframe"></iframe><iframe src="javascript:alert(1)"></iframe><iframe srcdoc="&lt;script>alert(1)&lt;/script>"></iframe>',
  '<object data="URL/object"></object><embed src="URL/embed"/><frameset><frame src="URL/frame"/></frameset>',
  '<video src="URL/video" poster="URL/poster" autoplay="autoplay"><track src="URL/track" default="default"/></video><audio src="URL/audio" autoplay="autoplay"/>',
  '<link rel="stylesheet" href="URL/style"/><link rel="icon" href="URL/icon"/><link rel="manifest" href="URL/manifest"/>',
  '<link rel="prefetch" href="URL/prefetch"/><link rel="preload" as="image" href="URL/preload"/><link rel="modulepreload" href="URL/module"/>',
  '<link rel="dns-prefetch" href="URL/"/><link rel="preconnect" href="URL/"/><link rel="prerender" href="URL/prerender"/>',
  '<script type="speculationrules">{"prefetch":[{"source":"list","urls":["URL/speculation"]}]}</script>',
  '<meta http-equiv="refresh" content="0; url=URL/refresh"/>',
  '<base href="URL/"/><img src="relative" alt=""/>',
  '<style>@import url(URL/import); p { background: url(URL/css); list-style: url(URL/list); cursor: url(URL/cursor), auto }</style>',
  '<style>@font-face { font-family: a; src: url(URL/font) } p { font-family: a; content: image-set("URL/set" 1x) }</style>',
  '<p style="background: url(URL/attribute); border-image: url(URL/border); mask: url(URL/mask); filter: url(URL/filter#f)">x</p>',
  '<form action="URL/form"><input type="image" src="URL/input" autofocus="autofocus" onfocus="alert(1)"/><button formaction="javascript:alert(1)">x</button></form>',
  '<a href="javascript:alert(1)" ping="URL/ping" autofocus="autofocus">x</a><details open="open" ontoggle="alert(1)">x</details>',
  '<marquee onstart="alert(1)">x</marquee><p style="animation: a 1ms" onanimationstart="alert(1)">x</p>',
  '<img name="fonts" src="a" alt=""/><form name="querySelectorAll"><input name="childNodes"/></form><img name="documentElement" id="images" alt=""/>',
  '<img xmlns="urn:other"/><meta xmlns="urn:other"/><style xmlns="urn:other" title="x"/>',
  '<?xml-stylesheet href="URL/instruction"?><p>x</p>',
]

describe.skipIf(noBrowser !== undefined)('a warm page', { timeout: 120_000 }, () => {
  it('runs none of the scripts and sends none of the requests of hostile documents', async () => {
    const server = await listeningServer()
    const ran: Ran = []
    const tabs: Tab[] = []
    const onTab = async (tab: Tab): Promise<void> => {
      tabs.push(tab)
      await watchScripts(tab, ran)
    }
    await withPrinter({ pages: 1, onTab }, async (printer) => {
      for (const construct of HOSTILE.map((text) => text.replaceAll('URL', server.origin))) {
        for (const page of [xhtml(construct), xhtml('<p>x</p>', construct)]) {
          expect(pageCount(await printer.print(page))).toBeGreaterThan(0)
          for (const tab of tabs) await paint(tab, page)
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(factsOf(await printer.print(table(3))).fonts).toEqual([
        'NotoSans-Bold',
        'NotoSans-Italic',
        'NotoSans-Regular',
      ])
    })
    expect([tabs.length, ran, server.requests]).toEqual([1, [], []])
    await server.close()
  })

  it('is watched by a hook and a server that notice what an open page does', async () => {
    const server = await listeningServer()
    const ran: Ran = []
    const onTab = async (tab: Tab): Promise<void> => {
      await watchScripts(tab, ran)
      await tab.open('about:blank')
      await paint(
        tab,
        `<p>x</p><script>alert(1)</script><img src="x" onerror="alert(2)"><img src="${server.origin}/a">`,
      )
    }
    await withPrinter({ onTab }, (printer) => printer.print(table(1)))
    expect(ran).toEqual(expect.arrayContaining(['dialog 1', 'dialog 2', expect.stringContaining('script')]))
    // The browser as a whole has no network either, were a page to have no walls.
    expect(server.requests).toEqual([])
    await fetch(`${server.origin}/b`)
    expect(server.requests).toContain('/b')
    await server.close()
  })

  it('passes nothing of a document on to the next', async () => {
    const lasting = [
      xhtml('<p>x</p>', '<meta http-equiv="Content-Security-Policy" content="style-src \'none\'"/>'),
      xhtml('<p>x</p>', '<meta name="color-scheme" content="dark"/>'),
      xhtml('<p>x</p>', '<style title="other">p { color: red }</style>'),
      xhtml('<p>x</p>', '<base href="https://example.org/"/>'),
      xhtml(
        '<p>x</p>',
        '<style>@layer b, a; @property --x { syntax: "*"; inherits: false; initial-value: red }</style>',
      ),
      `<?xml-stylesheet href="data:text/css,p%7Bcolor:red%7D"?>${xhtml('<p>x</p>')}`,
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
      '<html>',
    ]
    const body =
      '<h1>Words</h1><p style="color: var(--x, green)">Text <a href="#a">inside</a> and <a href="https://example.org/">outside</a></p><p id="a">Θεραπεία</p>'
    const page = xhtml(
      body,
      '<style title="own">p { color: green }</style><style>@layer a { p { margin: 0 } } @layer b { p { margin: 1em } }</style>',
    )
    await withPrinter({ pages: 1 }, async (printer) => {
      const first = normalised(await printer.print(page))
      for (const other of lasting) {
        await printer.print(other).catch(() => undefined)
        expect(normalised(await printer.print(page))).toBe(first)
      }
    })
  })

  it('prints images and fonts that a document brings along, and its text for print only', async () => {
    const image = `data:image/png;base64,${png(40).toString('base64')}`
    const style = `<style>@media screen { .print { display: none } } .image { width: 20px; height: 20px; background: url(${image}) }</style>`
    const body = `<img loading="lazy" src="${image}" alt="x"/><div class="image"></div><p class="print"><b><i>Лечение</i></b></p>`
    const pdf = await withPrinter({}, (printer) => printer.print(xhtml(body, style)))
    const text = Buffer.from(pdf).toString('latin1')
    expect(text.match(/\/Subtype \/Image/g)?.length).toBeGreaterThanOrEqual(1)
    expect(factsOf(pdf).fonts).toEqual(['NotoSans-BoldItalic'])
  })

  it('prints signs with the bundled fonts in every cut, and other pages as if it never had', async () => {
    await withPrinter({ pages: 1 }, async (printer) => {
      const before = normalised(await printer.print(table(1)))
      const signs = await printer.print(xhtml('<p>≥ 5 → <b>≤ ↑</b> <i>☒ ✔</i> <b><i>♀ ∅</i></b></p>'))
      expect(factsOf(signs).fonts).toEqual(expect.arrayContaining(['NotoSansMath-Regular', 'NotoSansSymbols2-Regular']))
      expect(factsOf(signs).fonts.filter((name) => !name.startsWith('NotoSans'))).toEqual([])
      expect(factsOf(signs).type3).toBe(false)
      expect(normalised(await printer.print(table(1)))).toBe(before)
    })
  })

  it('makes its window anew when it is worn, and prints the same', async () => {
    await withPrinter({ pages: 1 }, async (printer) => {
      const first = normalised(await printer.print(table(1)))
      for (let print = 0; print < 105; print++) await printer.print(table(1))
      expect(normalised(await printer.print(table(1)))).toBe(first)
    })
  })
})

it('the pages of a PDF are those of the root of its tree', () => {
  const tree = '<</Type /Pages\n/Count 3\n/Kids []>> <</Type /Pages\n/Count 11\n>> <</Type /Pages /Count 8>> /Count 99'
  expect(pageCount(Buffer.from(tree))).toBe(11)
  expect(pageCount(Buffer.from('not a PDF'))).toBe(0)
})

/** A square of noise, in RGB. @see https://www.w3.org/TR/2003/REC-PNG-20031110/ */
function png(side: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    size.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([size, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side)
  header.writeUInt32BE(side, 4)
  header.set([8, 2], 8)
  const rows = Buffer.from(
    Array.from({ length: side * (side * 3 + 1) }, (_, index) =>
      index % (side * 3 + 1) === 0 ? 0 : (index * 7_919) % 251,
    ),
  )
  return Buffer.concat([
    Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
