/** The pages lead back to themselves alone. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ownPath } from '../../src/web/own-path.ts'

it('a page of ours is kept with its query', () => {
  for (const path of ['/app', '/app?name=x', '/app/patient/p?lang=de', '/app/documents'])
    expect(ownPath(path)).toBe(path)
})

it('anything else is the first page', () => {
  for (const path of ['', '/', '/fhir', '/application', '//evil.example/app', 'https://evil.example/app', '/app/../fhir', '/app\\@evil.example', '/app/\t/evil', '/app#x@y'])
    expect(ownPath(path)).toBe('/app') // prettier-ignore
})

it('no text leads elsewhere', () => {
  const parts = fc.constantFrom('/app', '/', '//', '\\', '..', '@', ':', 'evil.example', '?', '#', '%2f', '\t', 'http:')
  fc.assert(
    fc.property(fc.array(fc.oneof(parts, fc.string({ maxLength: 3 })), { maxLength: 8 }), (texts) => {
      const led = new URL(ownPath(`/app${texts.join('')}`), 'http://own.example')
      expect([led.origin, /^\/app(?:\/|$)/.test(led.pathname)]).toEqual(['http://own.example', true])
    }),
  )
})
