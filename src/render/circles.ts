/** Which of things that name each other go round in a circle, found in time that grows with their number alone. */

/** What is on a circle, or between two, of what leads from each to others. */
export function onCircles<T>(next: ReadonlyMap<T, readonly T[]>): ReadonlySet<T> {
  const from = leadingToCircles(reversed(next))
  return new Set([...leadingToCircles(next)].filter((one) => from.has(one)))
}

/** What is left once all is taken away, again and again, that leads nowhere. */
function leadingToCircles<T>(next: ReadonlyMap<T, readonly T[]>): ReadonlySet<T> {
  const before = reversed(next)
  const left = new Map(Array.from(before.keys(), (one) => [one, next.get(one)?.length ?? 0]))
  const ends = [...left].filter(([, count]) => count === 0).map(([one]) => one)
  for (const end of ends) {
    left.delete(end)
    for (const one of before.get(end) ?? []) {
      const count = (left.get(one) ?? 0) - 1
      left.set(one, count)
      if (count === 0) ends.push(one)
    }
  }
  return new Set(left.keys())
}

function reversed<T>(next: ReadonlyMap<T, readonly T[]>): ReadonlyMap<T, readonly T[]> {
  const before = new Map<T, T[]>()
  const ofOne = (one: T): T[] => {
    const known = before.get(one) ?? []
    before.set(one, known)
    return known
  }
  for (const [one, others] of next) {
    ofOne(one)
    for (const other of others) ofOne(other).push(one)
  }
  return before
}
