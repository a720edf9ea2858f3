/** The door: who asks, by a bearer token in the Authorization header or by the session of a browser. @see https://www.rfc-editor.org/rfc/rfc6750 */

import { FhirError } from '../../fhir/error.ts'
import type { Caller } from '../../ports.ts'
import { refuse, type Refusal } from '../answer.ts'
import type { Door, Knock } from '../route.ts'

export interface DoorOptions {
  /** Whom a token is for. @throws FhirError `login` where it is not taken */
  readonly bearer?: ((token: string) => Promise<Caller>) | undefined
  /** Who asks by a session; undefined where there is none. */
  readonly session?: ((knock: Knock) => Promise<Caller | undefined>) | undefined
}

/** A reason given in this header breaks the glass. */
export const EMERGENCY_HEADER = 'X-Emergency-Reason'
/** The office of those who may. */
const EMERGENCY_ROLE = 'read'

/** The door; a token goes before a session. */
export function openDoor({ bearer, session }: DoorOptions): Door {
  return {
    callerOf: async (knock, known) => {
      const token = bearer === undefined ? undefined : tokenOf(knock.header('Authorization'))
      const caller = token === undefined ? await session?.(knock) : await named(token, bearer)
      if (caller === undefined) return undefined
      known?.(caller)
      return inEmergency(caller, knock)
    },
  }
}

/** The token of the header; undefined where it has none. @throws Refusal 401 for what is no token */
function tokenOf(header: string | undefined): string | undefined {
  const [, scheme = '', token = ''] = /^(\S+)(?: +(.*))?$/.exec(header ?? '') ?? []
  if (scheme.toLowerCase() !== 'bearer') return undefined
  if (/^[A-Za-z0-9._~+/-]+=*$/.test(token)) return token
  throw notTaken('The token is not well-formed')
}

async function named(token: string, bearer: DoorOptions['bearer']): Promise<Caller | undefined> {
  try {
    return await bearer?.(token)
  } catch (error) {
    const [issue] = error instanceof FhirError ? error.issues : []
    throw issue?.code === 'login' ? notTaken(issue.text) : error
  }
}

function notTaken(text: string): Refusal {
  const challenge = `Bearer error="invalid_token", error_description="${text}"`
  return refuse(401, 'login', text, { 'WWW-Authenticate': challenge })
}

const LONGEST_REASON = 500

/** The caller with the reason for which the glass is broken. @throws Refusal 403 for those who may not, 400 for what is no reason */
function inEmergency(caller: Caller, { header }: Knock): Caller {
  const reason = header(EMERGENCY_HEADER)?.trim()
  if (reason === undefined) return caller
  if (reason === '' || reason.length > LONGEST_REASON)
    throw refuse(400, 'value', `${EMERGENCY_HEADER} holds no reason, expected up to ${LONGEST_REASON} characters`)
  if (!caller.roles.includes(EMERGENCY_ROLE))
    throw refuse(403, 'forbidden', `Access in an emergency needs the role ${EMERGENCY_ROLE}`)
  return { ...caller, emergency: { reason } }
}
