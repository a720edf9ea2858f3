/** The settings: read, refused, documented. */

import { describe, expect, it } from 'vitest'
import { FhirError } from '../src/fhir/error.ts'
import { isLoopback, mustBeSafe, PREFIX, readSettings, SECRETS, SETTINGS, type Setting } from '../src/settings.ts'

function texts(env: Record<string, string>): readonly string[] {
  try {
    readSettings(env)
    return []
  } catch (error) {
    return error instanceof FhirError ? error.issues.map(({ text }) => text) : [String(error)]
  }
}

it('an empty environment gives the defaults, each of which has its own shape', () => {
  const settings = readSettings({ PATH: '/usr/bin' })
  expect(settings).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    limitBody: 32 * 1024 * 1024,
    signingTime: 'iat',
    block: 'document',
  })
  expect(settings.signingKey).toBeUndefined()
})

it('values are read by their shapes', () => {
  const env = {
    FHIRDOC_PORT: '0',
    FHIRDOC_HOSTS: 'a.example, b.example',
    FHIRDOC_LIMIT_BODY: '1 KiB',
    FHIRDOC_BASE_URL: 'https://a.example/fhir/',
  }
  expect(readSettings(env)).toMatchObject({
    port: 0,
    hosts: ['a.example', 'b.example'],
    limitBody: 1024,
    baseUrl: 'https://a.example/fhir',
  })
})

it('an empty value counts as absent', () => {
  expect(readSettings({ FHIRDOC_PORT: '', FHIRDOC_HOSTS: '' })).toMatchObject({ port: 8080, hosts: undefined })
})

it('an unknown setting stops the start and the nearest is named', () => {
  expect(texts({ FHIRDOC_PROT: '1' })).toEqual(['The setting FHIRDOC_PROT is unknown, the nearest is FHIRDOC_PORT'])
  expect(texts({ FHIRDOC_NOTHING_LIKE_IT_AT_ALL: '1' })[0]).toContain('expected one of FHIRDOC_PORT, FHIRDOC_HOST,')
})

it('all bad values are told at once, with what was expected', () => {
  expect(texts({ FHIRDOC_PORT: '99999', FHIRDOC_LOG_LEVEL: 'loud' })).toEqual([
    'FHIRDOC_PORT has the value "99999", expected a whole number from 0 to 65535',
    'FHIRDOC_LOG_LEVEL has the value "loud", expected silent | error | warn | info | debug',
  ])
})

it('a bad value of a secret is not told', () => {
  expect(texts({ FHIRDOC_STORE: 'postgres//user:secret@host/x' })).toEqual([expect.not.stringContaining('secret')])
})

describe('H-18: beyond loopback nothing is served without authentication', () => {
  it.each(['0.0.0.0', '::', '192.168.1.7', 'documents.example', '127.0.0.1.documents.example'])('%s', (host) => {
    expect(isLoopback(host)).toBe(false)
    expect(() => mustBeSafe(readSettings({ FHIRDOC_HOST: host }))).toThrow('set FHIRDOC_HOST to 127.0.0.1')
  })
  it('with an issuer of tokens it is', () => {
    const env = { FHIRDOC_HOST: '0.0.0.0', FHIRDOC_AUTH_ISSUER: 'https://login.example' }
    expect(() => mustBeSafe(readSettings(env))).not.toThrow()
  })
  it.each(['127.0.0.1', 'localhost', '::1', '[::1]', '127.5.0.1'])('%s is loopback', (host) => {
    expect(() => mustBeSafe(readSettings({ FHIRDOC_HOST: host }))).not.toThrow()
  })
})

it('docs/settings.md is written from the table', async () => {
  const rows = Object.values<Setting<unknown>>(SETTINGS).map(
    ({ name, shape, fallback, text }) =>
      `| \`${PREFIX}${name}\` | ${text} | ${shape.label.replaceAll('|', '\\|')} | ${fallback === undefined ? '' : `\`${fallback}\``} |`,
  )
  const page = [
    '# Settings',
    '',
    'Read from the environment at start; an unknown or bad one stops the start and says what is allowed. Written from the table in `src/settings.ts` by a test.',
    '',
    '| setting | what it decides | value | default |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    `Those that are secrets may come from files: ${SECRETS.map((name) => `\`${name}_FILE\``).join(', ')} name them.`,
    '',
  ].join('\n')
  await expect(page).toMatchFileSnapshot('../docs/settings.md')
})
