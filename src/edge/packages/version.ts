/** Versions of packages and definitions: their order, and which of those at hand is nearest to one asked for. */

/** Whether a version is the one asked for: the same, a shorter form of it (`1.2`), or by a wildcard (`1.2.x`). */
export function isVersion(version: string, wanted: string): boolean {
  if (version === wanted || wanted === 'current' || wanted === 'dev' || wanted === 'latest') return true
  const stem = wanted.replace(/(?:\.[xX*])+$/, '')
  return version.startsWith(`${stem}.`)
}

/** Below 0 where the first is older: numbers by value, and a pre-release before its release. */
export function compareVersions(one: string, other: string): number {
  const [ours = [], theirs = []] = [one, other].map(parts)
  for (let index = 0; index < Math.max(ours.length, theirs.length); index++) {
    const [a, b] = [ours[index] ?? '', theirs[index] ?? '']
    if (a === b) continue
    const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)]
    if (isNumber && isOtherNumber) return Number(a) - Number(b)
    if (a === '' || b === '') return (a === '' ? -1 : 1) * (isNumber || isOtherNumber ? 1 : -1)
    if (isNumber !== isOtherNumber) return isNumber ? 1 : -1
    return a < b ? -1 : 1
  }
  return 0
}

function parts(version: string): readonly string[] {
  return version.split(/[.-]/)
}

/** The one whose version is asked for; else the next of the same major version, else the latest. */
export function nearest<T>(all: readonly T[], versionOf: (one: T) => string, wanted: string): T | undefined {
  const ordered = all.toSorted((one, other) => compareVersions(versionOf(other), versionOf(one)))
  const major = `${wanted.split('.')[0]}.`
  return (
    ordered.find((one) => isVersion(versionOf(one), wanted)) ??
    ordered.find((one) => versionOf(one).startsWith(major)) ??
    ordered[0]
  )
}
