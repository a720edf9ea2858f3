/** What must not be broken at the end of a line: the half that stands there would be read as something else. */

/** Two bounds with the dash between them, each with its unit; dates and numbers whose words stand behind them without a space. */
const WHOLE =
  /[^\s<>&;]{1,20}(?:\u00a0[^\s<>&;]{1,20})?\u00a0–\u00a0[^\s<>&;]{1,20}(?:\u00a0[^\s<>&;]{1,20})?|\d{1,4}[年년]\u00a0?\d{1,2}[月월](?:\u00a0?\d{1,2}[日일])?|\d+(?:\.\d+)?\u00a0?[\p{Script=Han}\p{Script=Hangul}]{1,3}/gu

/** What is longer would widen its column too much. */
const LONGEST = 32

/** What stands in each of them, found quickly: most of a page has none. */
const ANCHOR = /\u00a0–\u00a0|\d\u00a0?[\u3400-\u9fff\uac00-\ud7a3]/g

/** A page with ranges and dates of its body that stay on one line. */
export function keptWhole(xhtml: string): string {
  const parts: string[] = []
  let done = Math.max(0, xhtml.indexOf('<body'))
  let from = 0
  for (;;) {
    ANCHOR.lastIndex = done
    const at = ANCHOR.exec(xhtml)?.index
    if (at === undefined) return parts.join('') + xhtml.slice(from)
    const start = xhtml.lastIndexOf('>', at) + 1
    const isInTag = xhtml.lastIndexOf('<', at) >= start
    const next = xhtml.indexOf(isInTag ? '>' : '<', at)
    done = next < 0 ? xhtml.length : next
    if (isInTag) continue
    parts.push(xhtml.slice(from, start), whole(xhtml.slice(start, done)))
    from = done
  }
}

function whole(text: string): string {
  return text.replaceAll(WHOLE, (match) => (match.length > LONGEST ? match : `<span class="whole">${match}</span>`))
}
