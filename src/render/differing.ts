/** What entries that are of one thing say differently of it, found in time that grows with their number alone. */

/** How items of a kind are compared. */
export interface Comparing<T> {
  /** Two items that share one of these are of one thing. */
  readonly keys: (item: T) => Iterable<string>
  /** What an item says, by what that is called. */
  readonly says: (item: T) => ReadonlyMap<string, string>
}

/** By item, for those that are of one thing with another, what of this another says differently: none where all agree. */
export function differencesAmong<T>(
  items: readonly T[],
  { keys, says }: Comparing<T>,
): ReadonlyMap<T, readonly string[]> {
  const groups = new Map<string, Set<T>>()
  for (const item of items) {
    for (const key of keys(item)) {
      const group = groups.get(key) ?? new Set()
      groups.set(key, group.add(item))
    }
  }
  const found = new Map<T, Set<string>>()
  for (const group of groups.values()) {
    if (group.size < 2) continue
    const differing = differingIn([...group].map(says))
    for (const item of group) {
      const known = found.get(item) ?? new Set()
      for (const name of differing) known.add(name)
      found.set(item, known)
    }
  }
  return new Map(Array.from(found, ([item, names]) => [item, inOrder(names, says(item))]))
}

function inOrder(names: ReadonlySet<string>, own: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...own.keys(), ...names])].filter((name) => names.has(name))
}

/** The names under which not all say the same: each of all then differs from one of the others. */
function differingIn(all: readonly ReadonlyMap<string, string>[]): readonly string[] {
  const [first] = all
  const names = new Set(all.flatMap((one) => [...one.keys()]))
  return [...names].filter((name) => all.some((one) => one.get(name) !== first?.get(name)))
}
