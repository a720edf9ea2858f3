/**
 * The medication at discharge set against the medication at admission: a row for each medicine, with what became of it.
 * Two records stand in one row only where they are surely of one medicine, and each stays a record of its own there; what
 * cannot be told is `unclear`, never guessed (H-11).
 */

import { agreementsOf, isDivided, type Aspect } from './dosage-comparison.ts'
import { medicineOf, samenessOf, type Medicine, type Sameness, type TreatmentRecord } from './medicine.ts'

/** What became of a medicine. */
export type Change = 'new' | 'changed' | 'stopped' | 'paused' | 'unclear' | 'unchanged'

export interface MedicineRow {
  readonly change: Change
  /** As given, in their order; a record that goes on unaltered stands on both sides. */
  readonly before: readonly TreatmentRecord[]
  readonly after: readonly TreatmentRecord[]
  /** What was changed; of an unclear one what could not be compared, or where the records contradict each other. */
  readonly aspects: readonly Aspect[]
  /** Records of other rows that may be of the same medicine. */
  readonly perhaps: readonly TreatmentRecord[]
}

/** The order of rows: what the reader must do something about comes first. */
const ORDER: readonly Change[] = ['new', 'changed', 'stopped', 'paused', 'unclear', 'unchanged']

/** Each record of both lists in one row, by what became of its medicine. */
export function compareMedication(
  before: readonly TreatmentRecord[],
  after: readonly TreatmentRecord[],
): readonly MedicineRow[] {
  const groups = grouped([...new Map([...before, ...after].map((one) => [one.resource, one])).values()])
  const inBefore = new Set(before.map(({ resource }) => resource))
  const inAfter = new Set(after.map(({ resource }) => resource))
  const sides = groups.map((records): Sides => ({
    before: records.filter(({ resource }) => inBefore.has(resource)),
    after: records.filter(({ resource }) => inAfter.has(resource)),
    medicines: records.map(medicineOf),
  }))
  const rows = sides.map((side) => rowOf(side, sides))
  return ORDER.flatMap((change) => rows.filter((row) => row.change === change))
}

interface Sides {
  readonly before: readonly TreatmentRecord[]
  readonly after: readonly TreatmentRecord[]
  readonly medicines: readonly Medicine[]
}

/** Records of one medicine together, each in one group. */
function grouped(records: readonly TreatmentRecord[]): readonly (readonly TreatmentRecord[])[] {
  const groups: TreatmentRecord[][] = []
  for (const record of records) {
    const medicine = medicineOf(record)
    const own = groups.filter((group) => group.some((other) => samenessOf(medicine, medicineOf(other)) === 'surely'))
    const [first, ...others] = own
    if (first === undefined) groups.push([record])
    else {
      first.push(...others.flat(), record)
      for (const group of others) groups.splice(groups.indexOf(group), 1)
    }
  }
  return groups
}

function rowOf(side: Sides, sides: readonly Sides[]): MedicineRow {
  const { before, after } = side
  const others = sides.filter((other) => other !== side && samenessBetween(side, other) === 'perhaps')
  const perhaps = others.flatMap((other) => [...new Set([...other.before, ...other.after])])
  const parts = { before, after, perhaps }
  // one that seems to begin while another of that name seems to end, or to go on, may be one that was changed
  const isOpen = isOneSided(side) && others.some((other) => isOneSided(other) && isFrom(side) !== isFrom(other))
  if (isOpen) return { ...parts, change: 'unclear', aspects: [] }
  return { ...parts, ...outcomeOf(side) }
}

function samenessBetween(one: Sides, other: Sides): Sameness {
  const isLike = one.medicines.some((medicine) =>
    other.medicines.some((second) => samenessOf(medicine, second) !== 'no'),
  )
  return isLike ? 'perhaps' : 'no'
}

/** Whether no record of one time was compared with one of the other: what goes on as it was recorded counts so too. */
function isOneSided({ before, after }: Sides): boolean {
  return before.length === 0 || after.every((record) => before.includes(record))
}

function isFrom({ before }: Sides): 'admission' | 'discharge' {
  return before.length > 0 ? 'admission' : 'discharge'
}

type Outcome = Pick<MedicineRow, 'change' | 'aspects'>

function outcomeOf({ before, after }: Sides): Outcome {
  // one that goes on in the same record says by its status what became of it since
  const taken = after.filter((record) => !isEnd(record) || before.includes(record))
  const isOnlyNotTaken = after.length > 0 && after.every(({ resource }) => resource['status'] === 'not-taken')
  if (taken.length === 0 && isOnlyNotTaken && before.length > 0) return { change: 'unclear', aspects: ['status'] }
  if (taken.length === 0) return { change: 'stopped', aspects: [] }
  const isGainsaid = taken.every((record) => before.includes(record)) && before.some((record) => isEnd(record) && !taken.includes(record)) // prettier-ignore
  if (isGainsaid) return { change: 'unclear', aspects: ['status'] }
  const isPaused = taken.every(isOnHold)
  if (before.length === 0) return { change: isPaused ? 'paused' : 'new', aspects: [] }
  if (isPaused && !before.every(isOnHold)) return { change: 'paused', aspects: [] }
  if (taken.some(({ resource }) => resource['status'] === 'unknown')) return { change: 'unclear', aspects: ['status'] }
  if (isSameList(before, taken)) return { change: 'unchanged', aspects: [] }
  return comparedOutcome(before, taken)
}

function comparedOutcome(before: readonly TreatmentRecord[], after: readonly TreatmentRecord[]): Outcome {
  const agreements = [...agreementsOf(before, after)]
  const differing = agreements.filter(([, agreement]) => agreement === 'differs').map(([aspect]) => aspect)
  const divided = differing.filter((aspect) => isDivided(before, aspect) || isDivided(after, aspect))
  if (divided.length > 0) return { change: 'unclear', aspects: divided }
  if (differing.length > 0) return { change: 'changed', aspects: differing }
  const open = agreements.filter(([, agreement]) => agreement === 'open').map(([aspect]) => aspect)
  return open.length > 0 ? { change: 'unclear', aspects: open } : { change: 'unchanged', aspects: [] }
}

function isSameList(before: readonly TreatmentRecord[], after: readonly TreatmentRecord[]): boolean {
  return before.length === after.length && before.every((record) => after.includes(record))
}

/** A prescription that is completed was taken as it says; a statement that is completed says that nothing is taken any more. */
const ENDS: Readonly<Record<string, ReadonlySet<unknown>>> = {
  MedicationRequest: new Set(['stopped', 'cancelled', 'entered-in-error']),
  MedicationStatement: new Set(['stopped', 'completed', 'not-taken', 'entered-in-error']),
}

function isEnd({ resource }: TreatmentRecord): boolean {
  return ENDS[resource.resourceType]?.has(resource['status']) === true || resource['doNotPerform'] === true
}

function isOnHold({ resource }: TreatmentRecord): boolean {
  return resource['status'] === 'on-hold'
}
