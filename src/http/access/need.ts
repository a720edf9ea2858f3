/** What a caller must be allowed to be answered by a route. */

import type { Role } from '../../ports.ts'

export interface Need {
  /** Whoever asks is answered: nothing of what is stored stands in the answer. */
  readonly isPublic?: true
  /** What the scopes must grant, all of it. */
  readonly scopes?: readonly NeededScope[]
  /** The office that is needed besides. */
  readonly role?: Role
  /** The office that is needed as soon as anything is written. */
  readonly writing?: Role
  /** The letters by which things are seen on this way; `rs` where it is absent. */
  readonly seen?: string
}

export interface NeededScope {
  /** Of `cruds`: every one of them. */
  readonly letters: string
  /** `*` where any type will do; that of the path where it is absent. */
  readonly type?: string
}
