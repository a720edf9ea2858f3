/** Who gets through the door to which row, pages and their forms too. */

import { describe, expect, it } from 'vitest'
import { entered } from '../../../src/http/access/entrance.ts'
import { needOf } from '../../../src/http/access/needs.ts'
import { ROUTES } from '../../../src/http/routes.ts'
import type { Route, Service } from '../../../src/http/route.ts'
import type { Caller, Role } from '../../../src/ports.ts'
import { WEB_ROUTES } from '../../../src/web/routes.ts'
import { MATRIX } from './matrix.ts'

const ALL_ROLES: readonly Role[] = ['compose', 'attest', 'sign', 'read', 'administer']

function caller(roles: readonly Role[], scopes: readonly string[] = ['system/*.cruds']): Caller {
  return { issuer: 'https://login.example', subject: 's', scopes, roles, purposes: [] }
}

/** The way in for somebody, over a service of which nothing but the door is asked. */
async function enter(route: Pick<Route, 'method' | 'path' | 'need'>, who: Caller | undefined): Promise<number> {
  const door = { callerOf: () => Promise.resolve(who) }
  const parts = { door, base: 'https://records.example/fhir', store: {}, design: { collect: {} }, edge: {} }
  const match = { route: route as Route, variables: { type: 'Observation', id: '1', vid: '1' } }
  const knock = { header: () => undefined, method: route.method, path: route.path }
  return entered(knock, match, parts as unknown as Service).then(
    () => 200,
    (refused: { readonly status: number }) => refused.status,
  )
}

describe('a row that nothing is said of', () => {
  const unknown = { method: 'GET', path: '/fhir/:type/:id/$new' } as const

  it('is for nobody, whoever they are', async () => {
    expect(needOf(unknown)).toBeUndefined()
    expect(await enter(unknown, caller(ALL_ROLES))).toBe(403)
    expect(await enter(unknown, undefined)).toBe(401)
  })

  it('is missing in the matrix, which fails by it', () => {
    expect(Object.keys(MATRIX)).not.toContain(`${unknown.method} ${unknown.path}`)
    expect(ROUTES.filter(({ method, path }) => !Object.hasOwn(MATRIX, `${method} ${path}`))).toEqual([])
  })

  it('is no row of ours: each is public, or asks for somebody', async () => {
    for (const route of [...ROUTES, ...WEB_ROUTES])
      expect(await enter(route, undefined), `${route.method} ${route.path}`).toBe(needOf(route)?.isPublic === true ? 200 : 401) // prettier-ignore
  })
})

describe('pages and their forms', () => {
  it('are public only where they show nothing of the record', () => {
    const open = WEB_ROUTES.filter((route) => needOf(route)?.isPublic === true)
    const allowed = ['GET /', 'GET /app/login', 'GET /app/login/callback', 'POST /app/logout', 'POST /app/language', 'GET /app/asset/:id'] // prettier-ignore
    expect(open.map(({ method, path }) => `${method} ${path}`).filter((name) => !allowed.includes(name))).toEqual([])
  })

  it.each(WEB_ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s is for those of its office alone',
    async (_, route) => {
      const need = needOf(route)
      if (need?.role === undefined) return
      const { role } = need
      expect(await enter(route, caller(ALL_ROLES.filter((one) => one !== role)))).toBe(403)
      expect(await enter(route, caller([role]))).toBe(200)
    },
  )
})
