/** What changed between two texts, word by word. */

/** A piece of a text: in both, or in one alone. */
export interface Piece {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}

/** Texts that differ in more words than these are told as one removed and one added. */
const MAX_EDITS = 600

/** The pieces of two texts in their order, what was removed before what was added; together they give both texts back. */
export function changesIn(older: string, newer: string): readonly Piece[] {
  const [one, other] = [wordsOf(older), wordsOf(newer)]
  const start = commonLength(one, other, (words, at) => words[at])
  const [left, right] = [one.slice(start), other.slice(start)]
  const end = commonLength(left, right, (words, at) => words[words.length - 1 - at])
  const [before, after] = [left.slice(0, left.length - end), right.slice(0, right.length - end)]
  return merged([
    { kind: 'same', text: one.slice(0, start).join('') },
    ...edits(before, after),
    { kind: 'same', text: end === 0 ? '' : left.slice(-end).join('') },
  ])
}

/** A number stays whole, whatever its mark; so does what a word has behind it before the next. */
function wordsOf(text: string): readonly string[] {
  return text.match(/(?:[\p{L}\p{M}\p{N}]+(?:[.,:/-]\p{N}+)*|[^\p{L}\p{M}\p{N}\s])\s*|\s+/gu) ?? []
}

type At = (words: readonly string[], at: number) => string | undefined

function commonLength(one: readonly string[], other: readonly string[], at: At): number {
  const most = Math.min(one.length, other.length)
  let length = 0
  while (length < most && at(one, length) === at(other, length)) length += 1
  return length
}

/** The shortest edit script. @see http://www.xmailserver.org/diff2.pdf */
function edits(one: readonly string[], other: readonly string[]): readonly Piece[] {
  const reached = new Map([[1, 0]])
  const trace: ReadonlyMap<number, number>[] = []
  for (let distance = 0; distance <= Math.min(one.length + other.length, MAX_EDITS); distance += 1) {
    trace.push(new Map(reached))
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      let x = furthest(reached, diagonal, distance)
      while (x < one.length && x - diagonal < other.length && one[x] === other[x - diagonal]) x += 1
      reached.set(diagonal, x)
      if (x >= one.length && x - diagonal >= other.length) return scriptOf(trace, one, other)
    }
  }
  return [
    { kind: 'removed', text: one.join('') },
    { kind: 'added', text: other.join('') },
  ]
}

/** Where a path of one more edit begins on a diagonal. */
function furthest(reached: ReadonlyMap<number, number>, diagonal: number, distance: number): number {
  return isFromAbove(reached, diagonal, distance)
    ? (reached.get(diagonal + 1) ?? 0)
    : (reached.get(diagonal - 1) ?? 0) + 1
}

function isFromAbove(reached: ReadonlyMap<number, number>, diagonal: number, distance: number): boolean {
  if (diagonal === -distance) return true
  return diagonal !== distance && (reached.get(diagonal - 1) ?? 0) < (reached.get(diagonal + 1) ?? 0)
}

function scriptOf(
  trace: readonly ReadonlyMap<number, number>[],
  one: readonly string[],
  other: readonly string[],
): readonly Piece[] {
  const pieces: Piece[] = []
  let [x, y] = [one.length, other.length]
  for (const [back, reached] of [...trace].reverse().entries()) {
    const distance = trace.length - 1 - back
    const isAdded = isFromAbove(reached, x - y, distance)
    const fromX = reached.get(x - y + (isAdded ? 1 : -1)) ?? 0
    const fromY = fromX - (x - y + (isAdded ? 1 : -1))
    const isFirst = distance === 0
    while (x > (isFirst ? 0 : fromX) && y > (isFirst ? 0 : fromY) && one[x - 1] === other[y - 1]) {
      x -= 1
      y -= 1
      pieces.push({ kind: 'same', text: one[x] ?? '' })
    }
    if (isFirst) break
    pieces.push(isAdded ? { kind: 'added', text: other[fromY] ?? '' } : { kind: 'removed', text: one[fromX] ?? '' })
    ;[x, y] = [fromX, fromY]
  }
  return pieces.reverse()
}

/** Neighbours of one kind as one piece, of those between two that are the same the removed ones first. */
function merged(pieces: readonly Piece[]): readonly Piece[] {
  const all: { same: string; removed: string; added: string }[] = [{ same: '', removed: '', added: '' }]
  for (const { kind, text } of pieces) {
    const last = all.at(-1)
    if (text === '' || last === undefined) continue
    if (kind === 'same' && last.removed + last.added !== '') all.push({ same: text, removed: '', added: '' })
    else last[kind] += text
  }
  const kinds = ['same', 'removed', 'added'] as const
  return all.flatMap((one) => kinds.flatMap((kind) => (one[kind] === '' ? [] : [{ kind, text: one[kind] }])))
}

/** So many words are shown on either side of a change. */
const CONTEXT = 12

/** The pieces with what is the same in both cut to the words beside a change. */
export function inContext(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.map((piece, index) => {
    if (piece.kind !== 'same') return piece
    const words = wordsOf(piece.text)
    const first = index === 0 ? [] : words.slice(0, CONTEXT)
    const last = index === pieces.length - 1 ? [] : words.slice(-CONTEXT)
    return words.length <= 2 * CONTEXT ? piece : { kind: 'same', text: `${first.join('')} … ${last.join('')}` }
  })
}

/** A piece as its template takes it. */
export interface PieceView {
  readonly text: string
  readonly isAdded: boolean
  readonly isRemoved: boolean
}

/** The pieces in context for a page. */
export function pieceViews(pieces: readonly Piece[]): readonly PieceView[] {
  return inContext(pieces).map(({ kind, text }) => ({ text, isAdded: kind === 'added', isRemoved: kind === 'removed' }))
}
