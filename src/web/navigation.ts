/** Where the head of every page leads. */

import type { Role } from '../ports.ts'

export interface NavigationRow {
  readonly path: string
  /** The phrase that names it. */
  readonly key: string
  /** Shown to those who have it. */
  readonly role?: Role
}

export const NAVIGATION: readonly NavigationRow[] = [
  { path: '/app', key: 'web.nav.patients', role: 'read' },
  { path: '/app/drafts', key: 'web.nav.drafts', role: 'compose' },
  { path: '/app/documents', key: 'web.nav.documents', role: 'read' },
  { path: '/app/read', key: 'web.nav.read', role: 'read' },
]
