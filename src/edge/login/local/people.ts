/** Whom the local provider knows, which applications, and what it grants them: for tests and the demonstration alone. */

import type { Role } from '../../../ports.ts'

export interface Person {
  readonly id: string
  readonly name: string
  readonly roles: readonly Role[]
  readonly fhirUser: string
  /** What an application may be granted for them: `user/*.rs`, `launch/patient`. */
  readonly allowed: readonly string[]
}

export interface Application {
  readonly id: string
  readonly secret?: string
  /** Paths on this machine, at any port, that it may be led back to. */
  readonly paths: readonly string[]
}

const SIGNING_IN = ['openid', 'profile', 'fhirUser', 'offline_access', 'online_access']
const CLINICIAN = [...SIGNING_IN, 'launch', 'launch/patient', 'launch/encounter', 'patient/*.cruds', 'user/*.cruds']

export const PEOPLE: readonly Person[] = [
  {
    id: 'anna',
    name: 'Dr. Anna Berg (physician)',
    roles: ['read', 'compose', 'attest', 'sign'],
    fhirUser: 'Practitioner/anna',
    allowed: CLINICIAN,
  },
  {
    id: 'nils',
    name: 'Nils Holm (nurse)',
    roles: ['read', 'compose'],
    fhirUser: 'Practitioner/nils',
    allowed: CLINICIAN,
  },
  {
    id: 'rosa',
    name: 'Rosa Lind (reads only)',
    roles: ['read'],
    fhirUser: 'Practitioner/rosa',
    allowed: [...SIGNING_IN, 'launch', 'launch/patient', 'patient/*.rs', 'user/*.rs'],
  },
  {
    id: 'olaf',
    name: 'Olaf Kern (administers)',
    roles: ['administer'],
    fhirUser: 'Practitioner/olaf',
    allowed: [...SIGNING_IN, 'user/AuditEvent.rs'],
  },
]

export const APPLICATIONS: readonly [Application, ...Application[]] = [
  { id: 'fhirdoc', secret: 'for this machine only', paths: ['/app/login/callback'] },
  { id: 'test-app', paths: ['/', '/app', '/callback'] },
]

const FORM = /^(patient|user|system)\/([A-Z][A-Za-z]*|\*)\.([a-z*]+)(?:\?.*)?$/
const WORDS: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' }

/** Of the scopes asked for, those that are allowed, as they were asked for. */
export function granted(asked: string, allowed: readonly string[]): readonly string[] {
  const scopes = asked.split(' ').filter((scope) => scope !== '')
  return [...new Set(scopes)].filter((scope) => allowed.some((one) => one === scope || covers(one, scope)))
}

function covers(allowed: string, asked: string): boolean {
  const [, whose, type, most = ''] = FORM.exec(allowed) ?? []
  const [, context, wanted, word = ''] = FORM.exec(asked) ?? []
  if (context === undefined || context !== whose || (type !== '*' && type !== wanted)) return false
  return [...(WORDS[word] ?? word)].every((letter) => most.includes(letter))
}
