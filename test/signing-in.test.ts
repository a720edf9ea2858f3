/** Login as the settings have it: complete, over TLS beyond this machine, and for demonstration on loopback alone. */

import { expect, it } from 'vitest'
import { DEFAULT_ROLES } from '../src/access/roles.ts'
import type { Sessions } from '../src/ports/login.ts'
import { readSettings } from '../src/settings.ts'
import { peopleOf, withLocalLogin } from '../src/signing-in.ts'

const sessions = {} as Sessions
const people = (env: Readonly<Record<string, string>>, issuer?: string): ReturnType<typeof peopleOf> =>
  peopleOf({ settings: readSettings(env), sessions, now: () => '2026-03-01T10:00:00Z', roles: DEFAULT_ROLES, issuer })

it('nobody logs in where no client is named', async () => {
  expect(await people({})).toBeUndefined()
  expect(await people({ FHIRDOC_LOGIN_ISSUER: 'https://login.example' })).toBeUndefined()
})

it('the issuer of tokens is the login too, unless another is named', async () => {
  const client = { FHIRDOC_LOGIN_CLIENT_ID: 'x' }
  expect((await people(client, 'https://tokens.example'))?.login.name).toBe('tokens.example')
  expect((await people({ ...client, FHIRDOC_LOGIN_ISSUER: 'https://login.example' }, 'https://tokens.example'))?.login.name).toBe('login.example') // prettier-ignore
  await expect(people(client)).rejects.toThrow('expected FHIRDOC_LOGIN_ISSUER too')
})

it('a login over an open line is refused beyond this machine', async () => {
  const client = { FHIRDOC_LOGIN_CLIENT_ID: 'x' }
  await expect(people({ ...client, FHIRDOC_LOGIN_ISSUER: 'http://login.example' })).rejects.toThrow('is no https URL')
  expect(await people({ ...client, FHIRDOC_LOGIN_ISSUER: 'http://127.0.0.1:9' })).toBeDefined()
})

it('the local provider is for loopback alone, and for no other login or issuer', async () => {
  const local = (env: Readonly<Record<string, string>>): ReturnType<typeof withLocalLogin> =>
    withLocalLogin(readSettings({ FHIRDOC_LOGIN: 'local', ...env }), 'http://127.0.0.1:9/fhir')
  await expect(local({ FHIRDOC_HOST: '0.0.0.0' })).rejects.toThrow('only on loopback')
  await expect(local({ FHIRDOC_AUTH_ISSUER: 'https://tokens.example' })).rejects.toThrow('without another login')
  const { settings, close } = await local({})
  expect(settings.authIssuer).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(settings.loginIssuer).toBe(settings.authIssuer)
  await close()
  const untouched = readSettings({})
  expect((await withLocalLogin(untouched, '')).settings).toBe(untouched)
})
