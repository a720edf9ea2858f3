/** What the local provider remembers while it runs, and what it is asked and answers. */

import { randomBytes } from 'node:crypto'
import type { Signer } from './tokens.ts'

/** What an EHR would hand to an application that it starts. */
export interface Launch {
  readonly patient: string
  readonly encounter?: string
}

/** What a code was given for. */
export interface Grant {
  readonly client: string
  readonly redirectUri: string
  readonly challenge: string
  readonly nonce: string | undefined
  readonly person: string
  readonly scope: readonly string[]
  readonly context: Partial<Launch>
}

/** What the answers are made with. */
export interface Desk {
  readonly issuer: string
  readonly audience: () => string
  readonly signer: Signer
  readonly codes: Map<string, Grant>
  readonly refreshes: Map<string, Grant>
  readonly launches: Map<string, Launch>
}

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | object
}

export interface Asked {
  readonly query: URLSearchParams
  readonly form: URLSearchParams
  readonly authorization: string
}

/** A secret that nobody guesses. */
export function secret(): string {
  return randomBytes(24).toString('base64url')
}
