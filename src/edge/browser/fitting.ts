/**
 * What makes a page fit its paper, and what finds the text that a print would not show whole (H-12): the looks and the
 * program that a warm page uses. Tables too wide for their page turn to a landscape one, then grow smaller, then break
 * words. The page says by `--page-width` and `--wide-width` how wide its sheets are; one that does not is left as it is.
 */

/** In pixels: the text of an upright A4 sheet with the margins of most packs. */
export const USUAL_WIDTH = 627

/**
 * The width of the text of a page's upright sheets in whole pixels, as its style sheets say: undefined where they do not,
 * and such a page is not made to fit. In a window of that width it need not be laid out twice.
 */
export function sheetWidth(xhtml: string): number | undefined {
  const styles = Array.from(xhtml.matchAll(/<style>([^<]*)<\/style>/g), ([, css]) => css).join()
  const millimetres = [...styles.matchAll(/--page-width: *([0-9.]+)mm/g)].at(-1)?.[1]
  const pixels = Math.round((Number(millimetres) * 96) / 25.4)
  return pixels > 0 && pixels < MOST_PIXELS ? pixels : undefined
}

const MOST_PIXELS = 10_000

/**
 * The looks of what was made to fit, to stand in the head of a page that is printed. Most tables fit as they are: what
 * holds for them is said without attributes, which would have to be set in each.
 */
export const FITTING_CSS = [
  '[data-fit~="wide"]{page:wide}',
  'main table:not([data-fit~="wrap"]) :is(th,td):not([data-fit~="long"]){overflow-wrap:break-word!important}',
  'main table.entries:not([data-fit~="wrap"]) :is(th,td):not([data-fit~="long"]){min-width:6.6em!important}',
  'main table.entries[data-fit~="many"]:not([data-fit~="wrap"]) :is(th,td):not([data-fit~="long"]){min-width:0!important}',
  'table[data-fit~="small"]{font-size:7.75pt!important}',
  'table[data-fit~="smallest"]{font-size:7pt!important}',
  'table[data-fit~="wrap"] :is(th,td){overflow-wrap:anywhere!important;min-width:0!important;white-space:normal!important}',
  'table[data-fit~="wrap"] .whole{white-space:normal!important}',
].join('')

/**
 * Runs in the browser, in a world of its own, on a page laid out for print: makes it fit, and gives the text that has no
 * box, or not all of it on the sheet, as `Clipped`. What is read of the document comes from its prototypes.
 */
export const FIT = `() => {
  const member = (name, type = Document) => Reflect.get(type.prototype, name, document)
  const root = member('documentElement')
  const main = member('querySelector').call(document, 'main')
  if (main === null) return []
  // Whatever is asked of the layout before all is written makes it twice.
  const rules = [...member('querySelectorAll').call(document, 'style')].map((style) => style.textContent).join()
  const [narrow, wide] = ['page', 'wide'].map((name) => {
    const found = [...rules.matchAll(new RegExp('--' + name + '-width: *([0-9.]+)mm', 'g'))].at(-1)
    return (Number(found?.[1]) * 96) / 25.4
  })
  if (!(narrow > 0 && wide > 0)) return []
  const SLACK = 1.5
  const LEAST = 4
  const LONG = /[^\\s\\-\\u00ad\\u200b\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}]{28}/u
  const add = (element, word) => element.setAttribute('data-fit', ((element.getAttribute('data-fit') ?? '') + ' ' + word).trim())
  const isOther = Math.abs(innerWidth - narrow) > 1
  if (isOther) root.setAttribute('style', 'width:' + narrow + 'px')

  const texts = []
  const walker = member('createTreeWalker').call(document, main, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node.parentElement.namespaceURI !== root.namespaceURI) continue
    if (/[^\\s\\p{Default_Ignorable_Code_Point}]/u.test(node.data)) texts.push(node)
    if (!LONG.test(node.data)) continue
    const cell = node.parentElement.closest('th,td')
    if (cell !== null && main.contains(cell)) add(cell, 'long')
  }

  const tables = [...main.querySelectorAll('table')].filter((table) => table.parentElement.closest('table') === null)
  const columnsOf = (table) => Math.max(0, ...[...table.rows].slice(0, 3).map((row) => row.cells.length))
  for (const table of tables) if (table.matches('.entries') && columnsOf(table) > 6) add(table, 'many')
  const rooms = new Map()
  const roomOf = (table) => {
    if (rooms.has(table)) return rooms.get(table)
    const { paddingLeft, paddingRight } = getComputedStyle(table.parentElement)
    return table.parentElement.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight)
  }
  const overflows = (table) => table.getBoundingClientRect().width > roomOf(table) + SLACK
  const HEADING = 'h1,h2,h3,h4,h5,h6,.beside,.notes,.made-note,.banner'
  const SHORT = 160
  const FEW = 1500
  const headingsOf = (table) => {
    const found = []
    for (let node = table; node.parentElement !== null && !node.matches('section,main'); node = node.parentElement) {
      for (let before = node.previousElementSibling; before !== null; before = before.previousElementSibling) {
        const isShort = before.textContent.length <= SHORT && before.querySelector('table') === null && !before.matches('table')
        if (!isShort && !before.matches(HEADING)) return found
        found.push(before)
      }
    }
    return found
  }
  const blocks = [...member('querySelectorAll').call(document, '.letterhead,main>*,.imprint')]
  const turnPages = (tables) => {
    const rest = new Map(blocks.map((block) => [block, block.textContent.length]))
    const blockOf = (node) => (node.parentElement === main ? node : blockOf(node.parentElement))
    for (const table of tables) rest.set(blockOf(table), rest.get(blockOf(table)) - table.textContent.length)
    const apart = new Set(tables.map(blockOf).filter((block) => rest.get(block) > FEW))
    const aside = new Set(tables.map(blockOf).filter((block) => !apart.has(block)))
    for (const table of tables) if (apart.has(blockOf(table))) for (const element of [table, ...headingsOf(table)]) add(element, 'wide')
    let gap = []
    for (const block of [...blocks, undefined]) {
      if (block !== undefined && !aside.has(block)) {
        gap.push(block)
        continue
      }
      const first = blocks.indexOf(gap[0])
      const isBeside = block !== undefined || aside.has(blocks[first - 1])
      const length = gap.reduce((sum, one) => sum + rest.get(one), 0)
      if (isBeside && length <= FEW && !gap.some((one) => apart.has(one))) for (const one of gap) add(one, 'wide')
      gap = []
    }
    for (const block of aside) add(block, 'wide')
  }
  let left = tables.filter(overflows)
  const turned = new Map(left.map((table) => [table, table.getAttribute('style')]))
  for (const table of left) rooms.set(table, roomOf(table) + wide - narrow)
  for (const table of left) {
    table.setAttribute('style', (turned.get(table) ?? '') + ';width:' + rooms.get(table) + 'px;max-width:none')
  }
  if (left.length > 0) turnPages(left)
  for (const step of ['small', 'smallest', 'wrap']) {
    left = left.filter(overflows)
    for (const table of left) for (const one of [table, ...table.querySelectorAll('table')]) add(one, step)
  }

  const sheets = new Map()
  const turnedOf = (element) => {
    let found = null
    for (let table = element.closest('table'); table !== null; table = table.parentElement.closest('table')) if (turned.has(table)) found = table
    return found
  }
  const sheetOf = (element) => {
    const table = turned.size === 0 ? null : turnedOf(element)
    if (sheets.has(table)) return sheets.get(table)
    const { left, right, width } = (table ?? root).getBoundingClientRect()
    const room = table === null ? width : roomOf(table)
    const isRight = table !== null && getComputedStyle(table.parentElement).direction === 'rtl'
    const sheet = isRight ? { low: right - room, high: right } : { low: left, high: left + room }
    sheets.set(table, sheet)
    return sheet
  }
  const upright = sheetOf(main)
  const clippers = new Map([[main, null]])
  const clipperOf = (element) => {
    if (clippers.has(element)) return clippers.get(element)
    const isClipping = getComputedStyle(element).overflow !== 'visible'
    const clipper = isClipping ? element : clipperOf(element.parentElement)
    clippers.set(element, clipper)
    return clipper
  }
  const CLIPS = /(?:overflow(?:-x|-y|-block|-inline)?|contain|content-visibility)\\s*:/
  const mayClip = CLIPS.test(rules) || main.querySelector('[style*="overflow"],[style*="contain"]') !== null
  const isSeen = new Map()
  const seen = (element) => {
    let known = isSeen.get(element)
    if (known === undefined) isSeen.set(element, (known = element.checkVisibility({ opacityProperty: true, visibilityProperty: true })))
    return known
  }
  const range = member('createRange').call(document)
  const isWhole = (node) => {
    const element = node.parentElement
    if (!seen(element)) return false
    range.selectNodeContents(node)
    const box = range.getBoundingClientRect()
    if (box.width <= 0 || box.height < LEAST) return false
    const { low, high } = turned.size === 0 ? upright : sheetOf(element)
    if (box.left < low - SLACK || box.right > high + SLACK) return false
    const clipper = mayClip ? clipperOf(element) : null
    if (clipper === null) return true
    const hole = clipper.getBoundingClientRect()
    return box.left >= hole.left - SLACK && box.right <= hole.right + SLACK && box.top >= hole.top - SLACK && box.bottom <= hole.bottom + SLACK
  }
  // The boxes of all at once cost a fraction of those of each: where one is amiss, each is looked at.
  const areWhole = () => {
    if (turned.size > 0 || mayClip || !texts.every((node) => seen(node.parentElement))) return false
    range.selectNodeContents(main)
    const { low, high } = upright
    return [...range.getClientRects()].every(({ left, right, height }) => height >= LEAST && left >= low - SLACK && right <= high + SLACK)
  }
  const clipped = (areWhole() ? [] : texts.filter((node) => !isWhole(node))).map((node) => {
    const section = node.parentElement.closest('section')
    const heading = section?.querySelector('h2,h3,h4,h5,h6')
    return { section: section?.id ?? '', title: (heading?.textContent ?? '').trim().slice(0, 200), text: node.data.trim().slice(0, 80) }
  })

  for (const [table, before] of turned) {
    if (before === null) table.removeAttribute('style')
    else table.setAttribute('style', before)
  }
  if (isOther) root.removeAttribute('style')
  return clipped.slice(0, 200)
}`
