/** Cookies are for browsers alone: not for scripts, not for forms of other sites, and over TLS only for this host. */

import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/http/route.ts'
import { cookie, together, withCookie } from '../../src/web/cookies.ts'

const plain = { service: { base: 'http://127.0.0.1:8080/fhir' } }
const secure = { service: { base: 'https://documents.example/fhir' } }

describe('a cookie', () => {
  it('is HttpOnly and SameSite, and beyond loopback Secure under a name that no other host can set', () => {
    expect(withCookie(['session', 'x'], plain, { maxAgeSeconds: 60 })).toEqual({
      'Set-Cookie': 'fhirdoc-session=x; Path=/; HttpOnly; SameSite=Lax; Max-Age=60',
    })
    expect(withCookie(['session', 'x'], secure)['Set-Cookie']).toBe(
      '__Host-fhirdoc-session=x; Path=/; HttpOnly; SameSite=Lax; Secure',
    )
  })

  it('is taken away by an empty value', () => {
    expect(withCookie(['login', ''], plain)['Set-Cookie']).toContain('; Max-Age=0')
  })

  it('is found among others, and is none where it has another shape than ours', () => {
    const asked = (header: string, where = plain): Pick<Call, 'header'> & typeof plain => ({ ...where, header: () => header }) // prettier-ignore
    expect(cookie('session', asked('a=b; fhirdoc-session=x-1; c=d'))).toBe('x-1')
    expect(cookie('session', asked('fhirdoc-session=x', secure))).toBeUndefined()
    for (const header of ['', 'fhirdoc-session=', 'fhirdoc-session=a b', 'fhirdoc-session="x"', `fhirdoc-session=${'x'.repeat(300)}`])
      expect(cookie('session', asked(header))).toBeUndefined() // prettier-ignore
  })

  it('keeps others company, each a header of its own', () => {
    const both = together({ 'Set-Cookie': 'a' }, { Location: '/' }, { 'Set-Cookie': 'b' })
    expect(both).toEqual({ Location: '/', 'Set-Cookie': 'a\nb' })
  })
})
