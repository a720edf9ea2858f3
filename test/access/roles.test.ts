/** Claims become offices by a table. */

import { expect, it } from 'vitest'
import { DEFAULT_ROLES, roleRowsIn, rolesOf } from '../../src/access/roles.ts'

it('names the offices in the claim roles where no table is given', () => {
  expect(rolesOf({ roles: ['sign', 'nurse', 'read'] }, DEFAULT_ROLES)).toEqual(['sign', 'read'])
  expect(rolesOf({ roles: 'compose attest' }, DEFAULT_ROLES)).toEqual(['compose', 'attest'])
  expect(rolesOf({}, DEFAULT_ROLES)).toEqual([])
})

it('finds claims inside others, and those whose names have dots', () => {
  const rows = roleRowsIn([
    { claim: 'realm_access.roles', value: 'physician', roles: ['compose', 'sign'] },
    { claim: 'https://a.example/staff', roles: ['read'] },
  ])
  expect(rolesOf({ realm_access: { roles: ['physician'] } }, rows ?? [])).toEqual(['compose', 'sign'])
  expect(rolesOf({ 'https://a.example/staff': 'yes' }, rows ?? [])).toEqual(['read'])
  expect(rolesOf({ realm_access: { roles: ['nurse'] }, constructor: 'physician' }, rows ?? [])).toEqual([])
})

it.each([[{}], ['x'], [[{ claim: 'x' }]], [[{ claim: 'x', roles: ['king'] }]], [[{ claim: 'x', roles: ['read'], valeu: 'y' }]], [[{ claim: '', roles: [] }]], [[{ claim: 'x', value: 1, roles: [] }]]])('takes %j for no table', (value) => {
  expect(roleRowsIn(value)).toBeUndefined()
}) // prettier-ignore
