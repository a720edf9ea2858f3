/** What consents keep from being found, in the terms of a search. */

import { everyMatch } from '../matches.ts'
import type { Access } from '../ports.ts'
import type { Consents } from './consents.ts'
import type { Guard, Whole } from './guard.ts'

/** The patients and the single resources that a caller may not find. */
export async function barsOf(
  guard: Guard,
  reader: Whole,
  consents: Consents,
): Promise<Pick<Access, 'barred' | 'names'>> {
  if (guard.rights.caller.emergency !== undefined) return { barred: { patients: [], isAllOthers: false }, names: [] }
  const patients = await concerned(guard, consents)
  const names: string[] = []
  const open: string[] = []
  const closed: string[] = []
  for (const patient of patients) {
    const whole = consents.ofPatient(patient)
    const ruling = whole ?? guard.consentDefault
    if (ruling === 'by part') names.push(...(await barredOf(patient, { guard, reader, consents })))
    ;(ruling === 'deny' ? closed : open).push(...bothNames(patient, guard.base))
  }
  const isAllOthers = guard.consentDefault === 'deny'
  return { barred: { patients: isAllOthers ? open : closed, isAllOthers }, names }
}

/** Those whose consents can matter: the patients of the token, else all who have given one. */
async function concerned({ rights, base }: Guard, consents: Consents): Promise<readonly string[]> {
  const { granted } = rights
  if (granted.some(({ patient }) => patient === undefined)) return consents.consenting()
  const patients = [...new Set(granted.flatMap(({ patient }) => (patient ?? []).slice(0, 1)))]
  await consents.load(patients)
  return patients.filter((patient) => !patient.startsWith(`${base}/`))
}

function bothNames(patient: string, base: string): readonly string[] {
  return patient.includes(':') ? [patient] : [patient, `${base}/Patient/${patient}`]
}

interface Circumstances {
  readonly guard: Guard
  readonly reader: Whole
  readonly consents: Consents
}

/** The names of all that is a patient's and not permitted. */
async function barredOf(patient: string, { guard, reader, consents }: Circumstances): Promise<readonly string[]> {
  const concerning = bothNames(patient, guard.base)
  const found = await everyMatch(reader, { concerning, parameters: [['_total', 'none']] })
  return found
    .filter(({ resource }) => resource !== undefined && !consents.permits(resource, [patient]))
    .map(({ type, id }) => `${type}/${id}`)
}
