/** What consents keep from being found, in the terms of a search. */

import type { Rights } from '../access/rights.ts'
import { concernOf } from '../fhir/concern.ts'
import type { Resource } from '../fhir/types.ts'
import { everyMatch } from '../matches.ts'
import type { Access } from '../ports.ts'
import { overseenBy, type Consents } from './consents.ts'
import type { Guard, Whole } from './guard.ts'

type Bars = Pick<Access, 'barred' | 'names'>

/** The patients and the single resources that a caller may not find. */
export async function barsOf(guard: Guard, reader: Whole, consents: Consents): Promise<Bars> {
  if (guard.rights.caller.emergency !== undefined) return { barred: { patients: [], isAllOthers: false }, names: [] }
  const isAllOthers = guard.consentDefault === 'deny'
  const { settled, open } = await concerned(guard, reader, consents)
  const unlike = open.filter((patient) => isUnlike(rulingFor(patient, guard, consents), guard))
  const byPart = open.filter((patient) => rulingFor(patient, guard, consents) === 'by part')
  const patients = [...settled, ...unlike.flatMap((patient) => bothNames(patient, guard.base))]
  const names = byPart.length === 0 ? [] : await barredOf(byPart, { guard, reader, consents })
  return { barred: { patients, isAllOthers, except: overseenBy(guard) }, names }
}

function rulingFor(patient: string, { consentDefault }: Guard, consents: Consents): 'permit' | 'deny' | 'by part' {
  return consents.ofPatient(patient) ?? consentDefault
}

/** Whether a patient is to be named: where all others are barred those who are not, else those who are. */
function isUnlike(ruling: ReturnType<typeof rulingFor>, { consentDefault }: Guard): boolean {
  return consentDefault === 'deny' ? ruling !== 'deny' : ruling === 'deny'
}

/** Those whose consents can matter. */
interface Concerned {
  /** The names of those whom all that is known says to name. */
  readonly settled: readonly string[]
  /** Those who are to be looked at each time, with their consents known. */
  readonly open: readonly string[]
}

/** The patients of the token, else all who have given a consent. */
async function concerned(guard: Guard, reader: Whole, consents: Consents): Promise<Concerned> {
  const { granted } = guard.rights
  if (granted.some(({ patient }) => patient === undefined)) return everybody(guard, reader, consents)
  const patients = [...new Set(granted.flatMap(({ patient }) => (patient ?? []).slice(0, 1)))]
  await consents.load(patients)
  return { settled: [], open: patients.filter((patient) => !patient.startsWith(`${guard.base}/`)) }
}

interface Kept extends Concerned {
  /** The state of the consents that it follows from. */
  readonly state: string
}

/** By caller, what the consents of all patients come to: whoever may ask for anybody asks again and again. */
const kept = new Map<Rights, Kept>()
/** The latest of them: each may name every patient. */
const MOST_KEPT = 20

async function everybody(guard: Guard, reader: Whole, consents: Consents): Promise<Concerned> {
  const { rights, consentDefault, base } = guard
  // before the consents: whatever changes meanwhile makes another state of it
  const changes = await reader.consentState?.()
  if (changes === undefined) return { settled: [], open: await consents.consenting() }
  const state = `${changes} ${consentDefault} ${base}`
  const before = kept.get(rights)
  kept.delete(rights)
  if (before?.state === state) {
    kept.set(rights, before)
    await consents.load(before.open)
    return before
  }
  const patients = await consents.consenting()
  const { settled = [], open = [] } = Object.groupBy(patients, (patient) =>
    consents.isSteady(patient) && consents.ofPatient(patient) !== 'by part' ? 'settled' : 'open',
  )
  const unlike = settled.filter((patient) => isUnlike(rulingFor(patient, guard, consents), guard))
  const own = { state, open, settled: unlike.flatMap((patient) => bothNames(patient, base)) }
  kept.set(rights, own)
  const [oldest] = kept.keys()
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
  return own
}

function bothNames(patient: string, base: string): readonly string[] {
  return patient.includes(':') ? [patient] : [patient, `${base}/Patient/${patient}`]
}

interface Circumstances {
  readonly guard: Guard
  readonly reader: Whole
  readonly consents: Consents
}

/** The names of all that is not permitted of what is the patients', found by one search for all of them. */
async function barredOf(
  patients: readonly string[],
  { guard, reader, consents }: Circumstances,
): Promise<readonly string[]> {
  const asked = new Set(patients)
  const concerning = patients.flatMap((patient) => bothNames(patient, guard.base))
  const found = await everyMatch(reader, { concerning, parameters: [['_total', 'none']] })
  const isBarred = (resource: Resource): boolean => {
    const own = concernOf(resource, guard).patients.filter((patient) => asked.has(patient))
    // it was found as theirs, so it is that of one of them at least
    return !consents.permits(resource, own.length === 0 ? patients : own)
  }
  return found
    .filter(({ resource }) => resource !== undefined && isBarred(resource))
    .map(({ type, id }) => `${type}/${id}`)
}
