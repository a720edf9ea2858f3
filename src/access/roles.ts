/** Offices: what they are for, and how the claims of an identity become them. */

import { isObject, type Json, type JsonObject } from '../fhir/types.ts'
import type { Role } from '../ports.ts'

/** What each office is for. */
export const ROLES: Readonly<Record<Role, string>> = {
  compose: 'makes documents that are stored',
  attest: 'attests documents',
  sign: 'signs documents, and has the service seal them',
  read: 'reads records as a person of the house; may break the glass in an emergency',
  administer: 'sees how the service fares, its audit, and erases on lawful request',
}

/** A row of the mapping: whoever has the value in the claim has the roles. */
export interface RoleRow {
  /** The name of the claim; a dot leads into an object: `realm_access.roles`. */
  readonly claim: string
  /** Any value will do where it is absent. */
  readonly value?: string
  readonly roles: readonly Role[]
}

/** Where the deployment maps nothing: the claim `roles` names the offices themselves. */
export const DEFAULT_ROLES: readonly RoleRow[] = (Object.keys(ROLES) as Role[]).map((role) => ({
  claim: 'roles',
  value: role,
  roles: [role],
}))

/** The offices that claims give, each once. */
export function rolesOf(claims: JsonObject, rows: readonly RoleRow[]): readonly Role[] {
  const held = rows.filter(({ claim, value }) => {
    const values = valuesOf(claimOf(claims, claim))
    return value === undefined ? values.length > 0 : values.includes(value)
  })
  return [...new Set(held.flatMap(({ roles }) => roles))]
}

/** A claim by its name: its own first, for names may have dots, such as those that are URLs. */
function claimOf(claims: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(claims, name)) return claims[name]
  const dot = name.indexOf('.')
  const inner = dot < 0 ? undefined : claims[name.slice(0, dot)]
  return isObject(inner) ? claimOf(inner, name.slice(dot + 1)) : undefined
}

/** The texts of a claim: a list, or words separated by spaces. */
export function valuesOf(claim: Json | undefined): readonly string[] {
  if (Array.isArray(claim)) return (claim as readonly Json[]).filter((one) => typeof one === 'string')
  return typeof claim === 'string' ? claim.split(' ').filter((word) => word !== '') : []
}

/** The rows that a JSON text holds; undefined where it is no such table. */
export function roleRowsIn(value: Json): readonly RoleRow[] | undefined {
  if (!Array.isArray(value)) return undefined
  const rows = (value as readonly Json[]).map(roleRowIn)
  return rows.every((row) => row !== undefined) ? rows : undefined
}

function roleRowIn(value: Json): RoleRow | undefined {
  if (!isObject(value)) return undefined
  const { claim, value: expected, roles, ...others } = value
  if (typeof claim !== 'string' || claim === '' || Object.keys(others).length > 0) return undefined
  if (expected !== undefined && typeof expected !== 'string') return undefined
  if (!Array.isArray(roles) || !(roles as readonly Json[]).every(isRole)) return undefined
  return { claim, ...(expected !== undefined && { value: expected }), roles: roles as readonly Role[] }
}

function isRole(value: Json): boolean {
  return typeof value === 'string' && Object.hasOwn(ROLES, value)
}
