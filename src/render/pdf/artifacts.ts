/** Content streams of Chromium: what belongs to no tag (rules, backgrounds, margin boxes) is marked as an artifact. @see ISO 32000-1:2008, 14.8.2.2 */

const BEGIN = '/Artifact BMC\n'
const END = 'EMC\n'

/** Operators that begin a path, and those that end it; Chromium writes one operator to a line. */
const PATH_BEGINS = /(?:^| )(?:re|m)$/
const PATH_ENDS = /(?:^| )(?:f\*?|F|S|s|B\*?|b\*?|n)$/
const PAINTS = /(?:^| )(?:Do|sh)$/

/** The content with an artifact around each thing that is painted outside of tagged content. */
export function withArtifacts(content: string): string {
  const out: string[] = []
  /** Of each sequence that is open, whether it says what its content is: a tag or an artifact. */
  const open: boolean[] = []
  let told = 0
  let wrapped: 'path' | 'text' | undefined
  let from = 0
  /** Up to where the content has gone into `out`. */
  let kept = 0
  const insert = (at: number, text: string): void => {
    out.push(content.slice(kept, at), text)
    kept = at
  }
  while (from < content.length) {
    const newline = content.indexOf('\n', from)
    const end = newline < 0 ? content.length : newline
    const next = Math.min(end + 1, content.length)
    const last = content.charCodeAt(end - 1)
    if (last === LETTER.C) {
      if (content.startsWith('EMC', end - 3)) {
        if (open.pop() === true) told -= 1
      } else if (content.startsWith('BDC', end - 3) || content.startsWith('BMC', end - 3)) {
        const line = content.slice(from, end)
        const tells = line.includes('/MCID') || line.startsWith('/Artifact')
        open.push(tells)
        if (tells) told += 1
      }
    } else if (told === 0 && (last > LETTER.at || last === LETTER.star)) {
      const line = content.slice(Math.max(from, end - 40), end)
      if (wrapped === undefined && (line === 'BT' || PATH_BEGINS.test(line))) {
        wrapped = line === 'BT' ? 'text' : 'path'
        insert(from, BEGIN)
      } else if (wrapped === (line === 'ET' ? 'text' : PATH_ENDS.test(line) ? 'path' : 'none')) {
        wrapped = undefined
        insert(next, newline < 0 ? `\n${END}` : END)
      } else if (wrapped === undefined && PAINTS.test(line)) {
        insert(from, BEGIN)
        insert(next, newline < 0 ? `\n${END}` : END)
      }
    }
    from = next
  }
  return out.length === 0 ? content : `${out.join('')}${content.slice(kept)}`
}

const LETTER = { C: 67, at: 64, star: 42 }
