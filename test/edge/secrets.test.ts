/** Secrets come from files where their settings say so. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withSecrets } from '../../src/edge/secrets.ts'
import { PREFIX, readSettings, SECRETS } from '../../src/settings.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fhirdoc-secrets-'))
  await writeFile(join(folder, 'token'), 'of a file\n')
})
afterAll(() => rm(folder, { recursive: true }))

describe('a secret', () => {
  it('is read from its file, without the line break at the end', async () => {
    const env = { FHIRDOC_UPSTREAM_AUTH_TOKEN_FILE: join(folder, 'token'), PATH: '/bin' }
    const read = await withSecrets(env, SECRETS)
    expect(read).toEqual({ FHIRDOC_UPSTREAM_AUTH_TOKEN: 'of a file', PATH: '/bin' })
    expect(readSettings(read).upstreamToken).toBe('of a file')
  })

  it('that is given twice, or whose file is not there, stops the start', async () => {
    const both = { FHIRDOC_STORE: 'x', FHIRDOC_STORE_FILE: join(folder, 'token') }
    await expect(withSecrets(both, SECRETS)).rejects.toThrow('both set')
    await expect(withSecrets({ FHIRDOC_STORE_FILE: join(folder, 'none') }, SECRETS)).rejects.toThrow('can be read')
  })

  it('is what the table says: another setting takes no file', async () => {
    expect(SECRETS.map((name) => name.slice(PREFIX.length))).toEqual([
      'STORE',
      'SIGNING_PASSWORD',
      'REMOTE_SIGNER_TOKEN',
      'UPSTREAM_AUTH_TOKEN',
      'AUTH_CLIENT_SECRET',
      'LOGIN_CLIENT_SECRET',
    ])
    const env = await withSecrets({ FHIRDOC_PORT_FILE: join(folder, 'token') }, SECRETS)
    expect(() => readSettings(env)).toThrow('FHIRDOC_PORT_FILE is unknown')
  })
})
